"""Reporters add tags and pictures; Editors may do all with them, and with the redirects of old addresses."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

REPORTERS = ["view_tag", "add_tag", "view_picture", "add_picture", "change_picture"]
EDITORS = [
    *REPORTERS,
    *["change_tag", "delete_tag", "delete_picture"],
    *["view_redirect", "add_redirect", "change_redirect", "delete_redirect"],
]


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    for label in ("articles", "redirects"):
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=using, apps=apps)
    Group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, codenames in {"Reporters": REPORTERS, "Editors": EDITORS}.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        for codename in codenames:
            group.permissions.add(
                permissions.get(content_type__app_label__in=["articles", "redirects"], codename=codename)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0010_lesson_permissions"),
        ("articles", "0002_newsroom"),
        ("redirects", "0001_initial"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
