from django.db import migrations, models
import django.db.models.deletion
import django.utils.timezone


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0012_redaction"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="cause",
            field=models.CharField(
                choices=[
                    ("submitted", "the rules"),
                    ("decided", "a moderator"),
                    ("withdrawn", "the author"),
                    ("edited", "the author’s edit"),
                    ("reported", "readers’ reports"),
                    ("picked", "a pick"),
                    ("unpicked", "a pick taken back"),
                    ("redacted", "the newsroom’s edit"),
                    ("returned", "a return to an earlier state"),
                    ("undone", "an undo"),
                    ("akismet", "Akismet"),
                ],
                default="decided",
                max_length=9,
                verbose_name="cause",
            ),
        ),
        migrations.CreateModel(
            name="AkismetRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("check", "is it spam?"),
                            ("spam", "correction: it is spam"),
                            ("ham", "correction: it is not spam"),
                        ],
                        default="check",
                        max_length=5,
                        verbose_name="what",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("asking", "being asked"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "not needed any more"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("spam", "spam"), ("sure", "certainly spam"), ("ham", "not spam")],
                        max_length=4,
                        verbose_name="answer",
                    ),
                ),
                ("sealed", models.TextField(blank=True, editable=False)),
                ("is_alone", models.BooleanField(default=False, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="due at")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.CharField(blank=True, max_length=300, verbose_name="last error")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="akismet_requests",
                        to="comments.comment",
                    ),
                ),
            ],
            options={
                "verbose_name": "request to Akismet",
                "verbose_name_plural": "Akismet",
                "ordering": ["-due_at", "-id"],
                "permissions": [("resend_akismetrequest", "Can have Akismet asked again")],
                "default_permissions": ["view"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "asking"])),
                        fields=["due_at", "id"],
                        name="akismet_due",
                    ),
                    models.Index(fields=["state", "-due_at", "-id"], name="akismet_by_state"),
                    models.Index(
                        condition=models.Q(("sealed", ""), _negated=True), fields=["created_at"], name="akismet_sealed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "check"), ("state__in", ["waiting", "asking"])),
                        fields=("comment",),
                        name="one_open_question_a_comment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sealed", ""),
                            models.Q(("kind", "check"), ("state__in", ["waiting", "asking", "failed"])),
                            _connector="OR",
                        ),
                        name="no_address_once_answered",
                    ),
                ],
            },
        ),
    ]
