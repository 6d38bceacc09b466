"""Media on disk: a file gets its name only when it is complete, even if the disk fills up or the process is killed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
import tempfile
import time
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

TEMPORARY_PREFIX = ".unfinished-"
MAX_WRITE_SECONDS = 60 * 60  # one write takes less; an older file was left by a killed process


class AtomicFileStorage(FileSystemStorage):
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(path)
        return folders, [name for name in files if not name.startswith(TEMPORARY_PREFIX)]

    def _save(self, name: str, content: File[Any]) -> str:
        Path(self.location).mkdir(parents=True, exist_ok=True)
        self._delete_stale_files()
        descriptor, unfinished = tempfile.mkstemp(dir=self.location, prefix=TEMPORARY_PREFIX)
        try:
            with open(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(descriptor)
            return super()._save(name, _TemporaryFile(unfinished))  # type: ignore[misc]  # missing in its stubs
        finally:
            Path(unfinished).unlink(missing_ok=True)  # already moved, unless it failed

    def _delete_stale_files(self) -> None:
        for path in Path(self.location).glob(f"{TEMPORARY_PREFIX}*"):
            with contextlib.suppress(FileNotFoundError):  # another process deleted it
                if path.stat().st_mtime < time.time() - MAX_WRITE_SECONDS:
                    path.unlink()


class _TemporaryFile(File[bytes]):
    """File that FileSystemStorage moves instead of copying."""

    def __init__(self, path: str) -> None:
        super().__init__(None)
        self.path = path

    def temporary_file_path(self) -> str:
        return self.path
