from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion
import django.utils.timezone


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0001_initial"),
        ("comments", "0007_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("device", "device"),
                            ("network", "network"),
                            ("name", "name"),
                            ("domain", "domain of a link"),
                        ],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        help_text="A device or a network as a comment’s page shows it; a name, with all that look like it; a domain, with all that belong to it. Many readers may share a network.",
                        max_length=253,
                        verbose_name="what is blocked",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("hold", "hold"), ("refuse", "refuse")],
                        default="hold",
                        help_text="Hold: a moderator looks at each comment, and its author is told what anybody is told who waits. Refuse: nothing is taken, and the reader is told so.",
                        max_length=6,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        help_text="For colleagues. Readers do not see it.", max_length=300, verbose_name="reason"
                    ),
                ),
                (
                    "begins_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="begins at"),
                ),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, help_text="Empty: until somebody ends it.", null=True, verbose_name="ends at"
                    ),
                ),
                ("hits", models.PositiveIntegerField(default=0, editable=False, verbose_name="hits")),
                ("last_hit_at", models.DateTimeField(editable=False, null=True, verbose_name="last hit at")),
                ("key", models.CharField(editable=False, max_length=253)),
            ],
            options={
                "verbose_name": "block",
                "verbose_name_plural": "blocks",
                "ordering": ["-begins_at", "-pk"],
            },
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["name_key", "-created_at"], name="comment_of_name"),
        ),
        migrations.AddField(
            model_name="block",
            name="author",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="author",
            ),
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["key", "kind"], name="block_of"),
        ),
    ]
