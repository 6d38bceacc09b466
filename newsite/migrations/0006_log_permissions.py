"""Editors read the log of changes."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("admin"), verbosity=0, using=using, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    editors, _created = apps.get_model("auth", "Group").objects.using(using).get_or_create(name="Editors")
    editors.permissions.add(permissions.get(content_type__app_label="admin", codename="view_logentry"))


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0005_block_permissions"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
