"""Moderators see what was learnt; Editors may ask for it to be learnt now, and delete it."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = ["view_lesson"]
EDITORS = [*MODERATORS, "ask_for_lesson", "delete_lesson"]


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
        ("newsite", "0009_numbers_permissions"),
        ("comments", "0017_learning"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
