"""Restore of a backup, after all checks that are possible without changes."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from articles.models import Article
from comments.models import Comment
from newsite.backup.engines import engine
from newsite.backup.manifest import MEDIA_FOLDER, BackupError, Manifest
from newsite.backup.media import restore_file, stored_names

_CONTENT = (Article, Comment, User)


def restore(folder: Path, *, replace: bool = False) -> Manifest:
    """Restore database and images, apply newer migrations, and clear the caches.

    With `replace`, also on a site with content. Raise BackupError, in which case the site is unchanged: the database
    is replaced in one transaction; images are stored before it, and removed again if it fails; other images are
    deleted after it.
    """
    manifest = Manifest.read(folder)
    _check_fits(manifest)
    manifest.check(folder)
    kind = engine()
    kind.verify(folder / manifest.database)
    if not replace and (found := _content()):
        raise BackupError(f"This site has {found}. To replace everything with the backup, add --replace.")
    kept, there = manifest.media, set(stored_names())
    try:
        for name in kept:
            restore_file(name, folder / MEDIA_FOLDER / name)
        kind.load(folder / manifest.database)
    except BaseException as error:  # including an interrupt
        for name in set(kept) - there:
            default_storage.delete(name)
        if isinstance(error, OSError):
            raise BackupError(f"Images could not be restored: {error}.") from error
        raise
    try:
        call_command("migrate", verbosity=0)
    finally:
        for cache in caches.all():  # a shared cache is independent of the database
            cache.clear()
    for name in sorted(set(stored_names()) - set(kept)):
        default_storage.delete(name)
    return manifest


def _check_fits(manifest: Manifest) -> None:
    """Raise BackupError if the backup does not fit this database and release."""
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"This is a backup of {manifest.engine}, but DATABASE_URL names {connection.vendor}: "
            "a database goes back into its own kind."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupError(f"The backup is from a newer release. This code does not know {', '.join(newer)}.")


def _content() -> str:
    """Return a description of what would be lost; empty if the site has no content or no tables."""
    tables = set(connection.introspection.table_names())
    found = [
        str(model._meta.verbose_name_plural)
        for model in _CONTENT
        if model._meta.db_table in tables and model._default_manager.exists()
    ]
    if next(stored_names(), None):
        found.append("images")
    return ", ".join(found)
