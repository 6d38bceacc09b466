"""Migrations are backward compatible: the running version works with the tables of the next version.

A deploy migrates first, and a rollback needs no migration. Columns and tables are dropped only after the previous
version has stopped using them (NO_LONGER_USED). New columns are nullable or have a default in the database, because
the running version writes rows without them. Constraints are added only if the previous version satisfies them already
(KEPT_ALREADY). RunSQL cannot be checked automatically: LOOKED_AT lists the migrations that were reviewed by hand.
"""

from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
import pytest

# Earlier migrations never ran beside an older version.
FIRST_RELEASE = {"articles": 1, "comments": 1, "newsite": 1}
NO_LONGER_USED: set[str] = set()  # such as "comments.comment.website", in the release after the one that dropped it
KEPT_ALREADY: set[str] = set()  # fields ("comments.comment.mood"), and constraints by their names
LOOKED_AT: set[str] = set()  # such as "comments 0050_faster"
WIDER = {"SmallIntegerField": {"IntegerField", "BigIntegerField"}, "IntegerField": {"BigIntegerField"}}
WIDER |= {kind: {"TextField"} for kind in ("CharField", "SlugField", "EmailField", "URLField")}


def migrations_since():
    """Yield the migrations since the first release, each with the models before it."""
    loader = MigrationLoader(None)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in FIRST_RELEASE and int(name[:4]) > FIRST_RELEASE[app] and f"{app} {name}" not in LOOKED_AT:
            yield app, name, migration, loader.project_state((app, name), at_end=False)


def breaks(operation, app, before):
    """Return why the operation breaks the running version, as a sentence; None if it does not."""
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
    if isinstance(operation, migrations.AlterField) and field not in KEPT_ALREADY:
        old = before.models[app, operation.model_name_lower].get_field(operation.name)
        return takes_less(old, operation.field) and f"{field} {takes_less(old, operation.field)}"
    if isinstance(operation, migrations.AddConstraint) and operation.constraint.name not in KEPT_ALREADY:
        return f"{operation.constraint.name} forbids what the running version may write"
    if isinstance(operation, migrations.AlterUniqueTogether) and what not in KEPT_ALREADY:
        return f"{what} forbids what the running version may write"
    if isinstance(operation, migrations.RunSQL):
        return f"{app} has SQL, which somebody has to look at"
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next((said for inner in operation.database_operations if (said := breaks(inner, app, before))), None)
    return None


def takes_less(old, new):
    """Return why the new field rejects values that the running version may write; None if it does not."""
    kind, other = old.get_internal_type(), new.get_internal_type()
    if old.null and not new.null:
        return "may no longer be empty"
    if new.unique and not old.unique:
        return "may no longer hold the same twice"
    if kind != other and other not in WIDER.get(kind, ()):
        return f"was a {kind}, and becomes a {other}"
    if kind == other and new.max_length and new.max_length < (old.max_length or 0):
        return "becomes shorter"
    return None


def needs_a_value(field):
    is_a_column = not isinstance(field, models.ManyToManyField)
    return is_a_column and not field.null and not field.has_db_default()


def test_the_first_release_is_no_later_than_the_migrations_that_there_are():
    """Otherwise later migrations would not be checked."""
    leaves = MigrationLoader(None).graph.leaf_nodes()
    newest = {app: int(name[:4]) for app, name in leaves if app in FIRST_RELEASE}
    assert all(newest[app] >= number for app, number in FIRST_RELEASE.items())


def test_no_migration_breaks_the_version_that_is_running():
    said = [
        f"{app} {name}: {sentence}"
        for app, name, migration, before in migrations_since()
        for operation in migration.operations
        if (sentence := breaks(operation, app, before))
    ]
    assert not said, "\n".join(said)


BEFORE = ProjectState(
    {
        ("comments", "comment"): ModelState(
            "comments",
            "Comment",
            [
                ("text", models.TextField()),
                ("name", models.CharField(max_length=50)),
                ("mood", models.CharField(null=True, max_length=9)),
            ],
        )
    }
)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RenameField("comment", "text", "words"),
        migrations.RemoveField("comment", "text"),
        migrations.DeleteModel("Comment"),
        migrations.AddField("comment", "mood", models.CharField(default="", max_length=9)),
        migrations.AlterField("comment", "mood", models.CharField(default="", max_length=9)),
        migrations.AlterField("comment", "name", models.CharField(max_length=40)),
        migrations.AlterField("comment", "name", models.CharField(max_length=50, unique=True)),
        migrations.AlterField("comment", "text", models.CharField(max_length=5_000)),
        migrations.AlterField("comment", "name", models.IntegerField()),
        migrations.AddConstraint(
            "comment", models.CheckConstraint(condition=~models.Q(text=""), name="says_something")
        ),
        migrations.AddConstraint("comment", models.UniqueConstraint(fields=["text"], name="says_it_once")),
        migrations.AlterUniqueTogether("comment", {("name", "text")}),
        migrations.RunSQL("ALTER TABLE comments_comment DROP COLUMN text"),
        migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("comment", "text")]),
    ],
)
def test_what_would_break_it_is_found(operation):
    assert breaks(operation, "comments", BEFORE)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("comment", "mood", models.CharField(null=True, max_length=9)),
        migrations.AddField("comment", "mood", models.CharField(db_default="", max_length=9)),
        migrations.AddField("comment", "moods", models.ManyToManyField("self")),
        migrations.AddIndex("comment", models.Index(fields=["text"], name="by_text")),
        migrations.AlterField("comment", "name", models.CharField(max_length=60, null=True)),
        migrations.AlterField("comment", "name", models.TextField()),
        migrations.RemoveConstraint("comment", "says_something"),
    ],
)
def test_what_it_does_not_notice_may_be_done(operation):
    assert not breaks(operation, "comments", BEFORE)
