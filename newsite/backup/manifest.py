"""Manifest of a backup, written last and checked before a restore."""

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
MANIFEST_NAME = "manifest.json"
MEDIA_FOLDER = "media"
_CHUNK_BYTES = 1024 * 1024


class BackupError(Exception):
    """Error message for the user of the command; nothing was created or changed."""


@dataclass(frozen=True)
class BackupFile:
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Contents of a backup.

    `migrations` are the applied ones, as "app.name". `files` are keyed by their path in the backup, and `database` is
    one of these paths.
    """

    made_at: str
    engine: str
    release: str
    migrations: list[str]
    database: str
    files: dict[str, BackupFile] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def media(self) -> list[str]:
        """Return the names in the storage."""
        return [path.removeprefix(f"{MEDIA_FOLDER}/") for path in self.files if path.startswith(f"{MEDIA_FOLDER}/")]

    def write(self, folder: Path) -> None:
        with create_private_file(folder / MANIFEST_NAME) as file:
            file.write(json.dumps(asdict(self), indent=1).encode())
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read and validate the manifest.

        Raise BackupError.
        """
        try:
            data = json.loads((folder / MANIFEST_NAME).read_text())
            files = {path: BackupFile(**kept) for path, kept in data.pop("files").items()}
            migrations = [str(name) for name in data.pop("migrations")]
            manifest = cls(**data, migrations=migrations, files=files)
            for path in files:
                validate_file_name(path, allow_relative_path=True)
            is_of_this_format = manifest.format == FORMAT and manifest.database in files
        except OSError as error:
            raise BackupError(
                f"{folder} is not a backup: {MANIFEST_NAME} cannot be read ({error.strerror})."
            ) from error
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError, SuspiciousFileOperation) as error:
            raise BackupError(f"{folder} is not a backup: {MANIFEST_NAME} is broken.") from error
        if not is_of_this_format:
            raise BackupError(f"{folder} is a backup in format {manifest.format}; this code reads format {FORMAT}.")
        return manifest

    def check(self, folder: Path) -> None:
        """Compare the checksum of every file.

        Raise BackupError.
        """
        for path, kept in self.files.items():
            try:
                found = describe_file(folder / path)
            except OSError as error:
                raise BackupError(f"The backup is damaged: {path} cannot be read ({error.strerror}).") from error
            if found != kept:
                raise BackupError(f"The backup is damaged: {path} does not match its checksum.")


def describe_file(path: Path) -> BackupFile:
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while part := file.read(_CHUNK_BYTES):
            sha256.update(part)
            size += len(part)
    return BackupFile(size, sha256.hexdigest())


def create_private_file(path: Path) -> BufferedWriter:
    """Create a file that only its owner can read."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
