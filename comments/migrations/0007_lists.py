from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion
import django.utils.timezone


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0006_desk_and_feed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("word", "word"),
                            ("phrase", "phrase"),
                            ("wildcard", "wildcard"),
                            ("domain", "domain of a link"),
                        ],
                        default="word",
                        help_text="A word is found as a whole word: “cialis” is not in “specialist”, but it is in “C1ALIS”, “c i a l i s” and “ciális”. A phrase is several words in a row. In a wildcard an asterisk stands for the rest of a word, or for letters within it: “via*”, “v*gra”. A domain is found where a comment links to it or to what belongs to it, not where it is only mentioned.",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("value", models.CharField(max_length=100, verbose_name="what to look for")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("hold", "hold"), ("spam", "spam"), ("refuse", "refuse")],
                        default="hold",
                        help_text="Hold: a moderator looks at it. Spam: it is put away as spam, and its author is told what anybody is told who waits. Refuse: it is not taken, and its author is told which words to leave out.",
                        max_length=6,
                        verbose_name="outcome",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note for colleagues")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
                ),
                ("folded", models.CharField(editable=False, max_length=300, unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
            ],
            options={
                "verbose_name": "listed word or domain",
                "verbose_name_plural": "listed words and domains",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ListVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=16)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_list_version")],
            },
        ),
    ]
