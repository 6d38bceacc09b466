"""Moderators and Editors see the newsroom's numbers."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = ["Moderators", "Editors"]


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("comments"), verbosity=0, using=using, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    permission = permissions.get(content_type__app_label="comments", codename="view_numbers")
    for name in GROUPS:
        group, _created = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0008_akismet_permissions"),
        ("comments", "0016_numbers"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
