"""Editors write corrections; Reporters see them."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MAY = {"Reporters": ["view"], "Editors": ["view", "add", "change", "delete"]}


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("articles"), verbosity=0, using=using, apps=apps)
    Group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, actions in MAY.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        for action in actions:
            codename = f"{action}_correction"
            group.permissions.add(permissions.get(content_type__app_label="articles", codename=codename))


class Migration(migrations.Migration):
    dependencies = [("newsite", "0011_newsroom_permissions"), ("articles", "0005_corrections")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
