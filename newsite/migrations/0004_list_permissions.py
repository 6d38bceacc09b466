"""Editors keep the lists of words and domains; moderators read them."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = ["view_listentry"]
EDITORS = [*MODERATORS, "add_listentry", "change_listentry", "delete_listentry"]


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
        ("newsite", "0003_letter_permissions"),
        ("comments", "0007_lists"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
