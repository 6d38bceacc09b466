"""Fills the keys of names anew: signs and strokes count no more. Those of names in ASCII are as they were."""

from django.db import migrations

from comments import names

AT_ONCE = 5_000


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    refill(apps.get_model("comments", "Comment").objects.using(using), "name", "name_key")
    refill(apps.get_model("comments", "Block").objects.using(using).filter(kind="name"), "value", "key")


def refill(rows, name, key):
    """Only what changes is written, and what is read stays small."""
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk").only("pk", name, key)[:AT_ONCE]):
        last = some[-1].pk
        changed = [row for row in some if not getattr(row, name).isascii() and set_key(row, name, key)]
        rows.bulk_update(changed, [key], batch_size=500)


def set_key(row, name, key):
    """Whether it was another one."""
    was, now = getattr(row, key), names.key(getattr(row, name))
    setattr(row, key, now)
    return was != now


class Migration(migrations.Migration):
    dependencies = [("comments", "0021_raids")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
