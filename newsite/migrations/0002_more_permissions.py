"""Moderators see reports; Editors keep the list of reasons to reject."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = ["comments.view_report", "comments.view_rejectreason"]

EDITORS = [
    *MODERATORS,
    "comments.add_rejectreason",
    "comments.change_rejectreason",
    "comments.delete_rejectreason",
]


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("comments"), verbosity=0, using=using, apps=apps)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, permissions in {"Moderators": MODERATORS, "Editors": EDITORS}.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        for permission in permissions:
            label, codename = permission.split(".")
            group.permissions.add(Permission.objects.using(using).get(content_type__app_label=label, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0001_groups"),
        ("comments", "0003_fill"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
