"""A fingerprint of what makes the pages. It is part of every cache key: changed code or templates need no purge."""

import hashlib
from pathlib import Path

MADE_OF = ("articles", "comments", "newsite", "templates")


def fingerprint(folder: Path) -> str:
    """Of all Python, HTML, CSS and JavaScript of ours, by content; some milliseconds, once a start."""
    digest = hashlib.sha256()
    for name in MADE_OF:
        for path in sorted((folder / name).rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js"}:
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
