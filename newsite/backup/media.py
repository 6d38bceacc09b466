"""Copy of images from and to the storage through its API, because it need not be a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from newsite.backup.manifest import BackupError, create_private_file


def stored_names(folder: str = "") -> Iterator[str]:
    """Yield the names of all files."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from stored_names(f"{prefix}{name}")


def copy_new_files(folder: Path) -> None:
    """Copy files that are missing in the folder or incomplete.

    Files never change otherwise: another image has another name.
    """
    for name in stored_names():
        path = folder / name
        with suppress(FileNotFoundError):  # deleted in the meantime
            if path.exists() and path.stat().st_size == default_storage.size(name):
                continue
            with default_storage.open(name) as source:
                path.unlink(missing_ok=True)
                path.parent.mkdir(parents=True, exist_ok=True)
                with create_private_file(path) as copy:
                    for part in source.chunks():
                        copy.write(part)


def restore_file(name: str, path: Path) -> None:
    """Store a file, replacing another file of this name.

    Raise BackupError.
    """
    if default_storage.exists(name):
        if _is_same(name, path):
            return
        default_storage.delete(name)
    with path.open("rb") as file:
        if default_storage.save(name, File(file)) != name:
            raise BackupError(f"The storage saved {name} under another name.")


def _is_same(name: str, path: Path) -> bool:
    if default_storage.size(name) != path.stat().st_size:
        return False
    with default_storage.open(name) as one, File(path.open("rb")) as other:
        return all(mine == theirs for mine, theirs in zip(one.chunks(), other.chunks(), strict=True))
