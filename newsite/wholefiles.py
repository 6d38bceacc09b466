"""Media on the disk: a file has its name only when it is whole, whatever fills the disk or kills us in between."""

from __future__ import annotations

import os
from pathlib import Path
import tempfile
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    def _save(self, name: str, content: File[Any]) -> str:
        Path(self.location).mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=self.location, prefix=".unfinished-")
        try:
            with open(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(descriptor)
            return super()._save(name, _Written(unfinished))  # type: ignore[misc]  # its stubs lack it
        finally:
            Path(unfinished).unlink(missing_ok=True)  # it has moved, unless it failed


class _Written(File[bytes]):
    """What FileSystemStorage moves instead of copying."""

    def __init__(self, path: str) -> None:
        super().__init__(None)
        self.path = path

    def temporary_file_path(self) -> str:
        return self.path
