"""Moderators and Editors see attacks."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("comments"), verbosity=0, using=using, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    permission = permissions.get(content_type__app_label="comments", codename="view_attack")
    for name in ("Moderators", "Editors"):
        group, _created = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0017_front_permissions"),
        ("comments", "0044_attacks"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
