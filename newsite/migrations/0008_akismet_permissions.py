"""Editors see what Akismet is asked, and have it asked again."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

EDITORS = ["view_akismetrequest", "resend_akismetrequest"]


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("comments"), verbosity=0, using=using, apps=apps)
    Permission = apps.get_model("auth", "Permission")
    editors, _created = apps.get_model("auth", "Group").objects.using(using).get_or_create(name="Editors")
    for codename in EDITORS:
        editors.permissions.add(
            Permission.objects.using(using).get(content_type__app_label="comments", codename=codename)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0007_redaction_permissions"),
        ("comments", "0013_akismet"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
