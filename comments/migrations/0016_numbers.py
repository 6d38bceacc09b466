from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0015_fill_waited"),
    ]

    operations = [
        migrations.CreateModel(
            name="Numbers",
            fields=[],
            options={
                "verbose_name": "numbers",
                "verbose_name_plural": "numbers",
                "proxy": True,
                "default_permissions": ["view"],
                "indexes": [],
                "constraints": [],
            },
            bases=("comments.comment",),
        ),
    ]
