"""The version that runs works with the tables of the next one: a deploy migrates first, and going back needs nothing.

So a column or table goes only when the version before has stopped using it (NO_LONGER_USED), and a new column has a
default that the database itself knows, or may be empty: the running version writes rows without it.
"""

from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
import pytest

# What there was before the first release had no version beside it.
FIRST_RELEASE = {"articles": 39, "comments": 49, "newsite": 29}
NO_LONGER_USED: set[str] = set()  # such as "comments.comment.website", in the release after the one that dropped it


def migrations_since():
    loader = MigrationLoader(None)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in FIRST_RELEASE and int(name[:4]) > FIRST_RELEASE[app]:
            yield app, name, migration


def breaks(operation, app):
    """In a sentence, or nothing."""
    what = f"{app}.{getattr(operation, 'model_name', getattr(operation, 'name', ''))}".lower()
    field = f"{what}.{getattr(operation, 'name', '')}".lower()
    if isinstance(operation, (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)):
        return f"{what} is renamed: the running version asks for the old name"
    if isinstance(operation, migrations.DeleteModel) and what not in NO_LONGER_USED:
        return f"{what} goes: the running version may use it"
    if isinstance(operation, migrations.RemoveField) and field not in NO_LONGER_USED:
        return f"{field} goes: the running version may use it"
    if isinstance(operation, migrations.AddField) and needs_a_value(operation.field):
        return f"{field} needs a value, which the running version does not give: null=True or db_default"
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next((said for inner in operation.database_operations if (said := breaks(inner, app))), None)
    return None


def needs_a_value(field):
    is_a_column = not isinstance(field, models.ManyToManyField)
    return is_a_column and not field.null and not field.has_db_default()


def test_no_migration_breaks_the_version_that_is_running():
    said = [
        f"{app} {name}: {sentence}"
        for app, name, migration in migrations_since()
        for operation in migration.operations
        if (sentence := breaks(operation, app))
    ]
    assert not said, "\n".join(said)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RenameField("comment", "text", "words"),
        migrations.RemoveField("comment", "text"),
        migrations.DeleteModel("Comment"),
        migrations.AddField("comment", "mood", models.CharField(default="", max_length=9)),
    ],
)
def test_what_would_break_it_is_found(operation):
    assert breaks(operation, "comments")


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("comment", "mood", models.CharField(null=True, max_length=9)),
        migrations.AddField("comment", "mood", models.CharField(db_default="", max_length=9)),
        migrations.AddField("comment", "moods", models.ManyToManyField("self")),
        migrations.AddIndex("comment", models.Index(fields=["text"], name="by_text")),
    ],
)
def test_what_it_does_not_notice_may_be_done(operation):
    assert not breaks(operation, "comments")
