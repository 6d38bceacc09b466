"""What a backup holds: written last, and checked before anything is restored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
import hashlib
from io import BufferedWriter
import json
import os
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.utils import validate_file_name

FORMAT = 1
NAME = "manifest.json"
MEDIA = "media"
_AT_ONCE = 1024 * 1024  # bytes


class BadBackup(Exception):
    """Nothing was made, or nothing was touched. Speaks to whoever runs the command."""


@dataclass(frozen=True)
class Kept:
    """One file of the backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`migrations` are those applied, as "app.name"; `files` by their path in the backup; `database` is one of them."""

    made_at: str
    engine: str
    release: str
    migrations: list[str]
    database: str
    files: dict[str, Kept] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def media(self) -> list[str]:
        """Names in the storage."""
        return [path.removeprefix(f"{MEDIA}/") for path in self.files if path.startswith(f"{MEDIA}/")]

    def write(self, folder: Path) -> None:
        with create(folder / NAME) as file:
            file.write(json.dumps(asdict(self), indent=1).encode())
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises BadBackup."""
        try:
            data = json.loads((folder / NAME).read_text())
            files = {path: Kept(**kept) for path, kept in data.pop("files").items()}
            migrations = [str(name) for name in data.pop("migrations")]
            manifest = cls(**data, migrations=migrations, files=files)
            for path in files:
                validate_file_name(path, allow_relative_path=True)
            is_of_this_format = manifest.format == FORMAT and manifest.database in files
        except OSError as error:
            raise BadBackup(f"{folder} is not a backup: {NAME} cannot be read ({error.strerror}).") from error
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError, SuspiciousFileOperation) as error:
            raise BadBackup(f"{folder} is not a backup: {NAME} is broken.") from error
        if not is_of_this_format:
            raise BadBackup(f"{folder} is a backup in format {manifest.format}; this code reads format {FORMAT}.")
        return manifest

    def check(self, folder: Path) -> None:
        """Every file, byte for byte. Raises BadBackup."""
        for path, kept in self.files.items():
            try:
                found = digest(folder / path)
            except OSError as error:
                raise BadBackup(f"The backup is damaged: {path} cannot be read ({error.strerror}).") from error
            if found != kept:
                raise BadBackup(f"The backup is damaged: {path} does not match its checksum.")


def digest(path: Path) -> Kept:
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            sha256.update(part)
            size += len(part)
    return Kept(size, sha256.hexdigest())


def create(path: Path) -> BufferedWriter:
    """A new file for its owner alone."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
