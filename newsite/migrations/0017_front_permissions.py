"""Editors arrange the front page."""

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps, schema_editor):
    using = schema_editor.connection.alias
    create_permissions(current_apps.get_app_config("articles"), verbosity=0, using=using, apps=apps)
    Group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    editors, _created = Group.objects.using(using).get_or_create(name="Editors")
    for action in ("view", "add", "change", "delete"):
        editors.permissions.add(permissions.get(content_type__app_label="articles", codename=f"{action}_frontplace"))


class Migration(migrations.Migration):
    dependencies = [
        ("newsite", "0012_correction_permissions"),
        ("articles", "0022_front_place"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
