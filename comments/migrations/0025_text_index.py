"""PostgreSQL finds parts of words by their trigrams, so that a rare word is found among a million comments."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import DatabaseError, migrations

DENIED = (
    "The search for words needs PostgreSQL's own extension pg_trgm, and this user may not create it. Where it is not "
    "installed, a package postgresql-contrib has it. Let the owner of the database run CREATE EXTENSION pg_trgm, then "
    "migrate again."
)


class Trigrams(TrigramExtension):
    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        except DatabaseError as error:
            raise DatabaseError(DENIED) from error

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """It may have been there before us."""


def index(apps, schema_editor):
    """While comments go on being written; what an interrupted attempt left is taken away first."""
    if schema_editor.connection.vendor == "postgresql":
        drop(apps, schema_editor)
        schema_editor.execute(
            "CREATE INDEX CONCURRENTLY comment_text ON comments_comment USING gin (upper(text) gin_trgm_ops)"
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS comment_text")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("comments", "0024_of_article")]

    operations = [Trigrams(), migrations.RunPython(index, drop)]
