from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0013_akismet"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="waited",
            field=models.DurationField(editable=False, null=True, verbose_name="waited"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("waited__isnull", False)),
                fields=["at", "waited"],
                name="decision_waited",
            ),
        ),
    ]
