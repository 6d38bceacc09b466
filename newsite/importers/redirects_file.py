"""Parser of the redirects in an export of this software: one JSON object per line, with "from" and "to"."""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path


class InvalidLine(Exception):
    """Invalid line, with its number and the expected format."""


def read_redirects(file: Path) -> Iterator[tuple[str, str]]:
    """Yield old and new path; the new path is empty if the page was removed.

    Raise InvalidLine or OSError.
    """
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _parse_line(line, f"{file}, line {number}")


def _parse_line(line: bytes, location: str) -> tuple[str, str]:
    try:
        record = json.loads(line)
        old, new = record["from"], record["to"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidLine(f'{location} is not an object with "from" and "to".') from error
    if not all(isinstance(path, str) and "\x00" not in path for path in (old, new)) or not old.startswith("/"):
        raise InvalidLine(f'{location}: "from" must be a path that begins with a slash, and "to" a URL.')
    return old, new
