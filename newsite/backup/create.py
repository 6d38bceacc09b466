"""Creation of a backup, under a temporary name until it is complete."""

from __future__ import annotations

import os
from pathlib import Path
import shutil
import tempfile

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from newsite.backup.engines import engine
from newsite.backup.manifest import MEDIA_FOLDER, BackupError, Manifest, describe_file
from newsite.backup.media import copy_new_files


def backup(folder: Path) -> Manifest:
    """Create a backup in a new or empty folder.

    Raise BackupError.
    """
    folder = folder.absolute()
    try:
        if folder.exists() and any(folder.iterdir()):
            raise BackupError(f"{folder} already exists and was left alone. Choose a new folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-unfinished-", dir=folder.parent))
        try:
            manifest = _fill(unfinished)
            unfinished.rename(folder)
            _fsync(folder.parent)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise BackupError(f"No backup was made: {error.strerror or error} ({error.filename or folder}).") from error
    return manifest


def _fill(folder: Path) -> Manifest:
    """Write all files of the backup.

    Images are copied before and after the database, so that every image in the database is there, even if deleted
    since.
    """
    kind = engine()
    made_at = timezone.now().isoformat(timespec="seconds")
    copy_new_files(folder / MEDIA_FOLDER)
    kind.dump(folder / kind.file)
    copy_new_files(folder / MEDIA_FOLDER)
    migrations = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    manifest = Manifest(made_at, connection.vendor, settings.BUILD_ID, migrations, kind.file)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        manifest.files[path.relative_to(folder).as_posix()] = describe_file(path)
        _fsync(path)
    manifest.write(folder)
    _fsync(folder)
    return manifest


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
