"""What the search knows is written anew by the worker: headline and standfirst stand in it word for word, too."""

from django.db import migrations


def write_anew(apps, schema_editor):
    """No article has this version."""
    if schema_editor.connection.vendor == "postgresql":
        apps.get_model("articles", "SearchEntry").objects.update(version=0)


class Migration(migrations.Migration):
    dependencies = [("articles", "0030_imported")]

    operations = [migrations.RunPython(write_anew, migrations.RunPython.noop)]
