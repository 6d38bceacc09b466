"""PostgreSQL finds words of articles by an index. The worker writes the entries of articles that are there already."""

from django.db import migrations


def index(apps, schema_editor):
    """What an interrupted attempt left is taken away first."""
    if schema_editor.connection.vendor == "postgresql":
        drop(apps, schema_editor)
        schema_editor.execute("CREATE INDEX CONCURRENTLY article_words ON articles_searchentry USING gin (vector)")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS article_words")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("articles", "0020_search_entry")]

    operations = [migrations.RunPython(index, drop)]
