"""Moderators block, and end blocks; Editors may delete them, too."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = ["view_block", "add_block", "change_block"]
EDITORS = [*MODERATORS, "delete_block"]


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("comments"), verbosity=0, using=using, apps=apps)
    Group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, codenames in {"Moderators": MODERATORS, "Editors": EDITORS}.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        for codename in codenames:
            group.permissions.add(permissions.get(content_type__app_label="comments", codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0004_list_permissions"),
        ("comments", "0008_blocks"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
