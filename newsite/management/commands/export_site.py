"""Command `manage.py export_site DIR`."""

from collections.abc import Iterator
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.exporters import jsonl, wxr

FILES = {
    "site.xml": wxr.write,
    "articles.jsonl": jsonl.article_lines,
    "comments.jsonl": jsonl.comment_lines,
    "redirects.jsonl": jsonl.redirect_lines,
}


class Command(BaseCommand):
    help = (
        "Export all articles and comments to a folder: as a WordPress export (site.xml) that import_wordpress can read "
        "back, and as JSON lines. The export contains drafts and unpublished comments: keep it private."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in FILES.items():
                self.stdout.write(f"{folder / name}: {_write(folder / name, content()):,} bytes")
        except OSError as error:
            raise CommandError(f"{error.filename or folder} could not be written: {error.strerror}.") from error


def _write(path: Path, content: Iterator[str]) -> int:
    """Write a file that only its owner can read; an existing file is replaced once the new one is complete."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(content)
    size = unfinished.stat().st_size
    unfinished.replace(path)
    return size
