"""A fingerprint of what makes the pages. It is part of every key and ETag: after a change nothing needs a purge."""

import hashlib
from pathlib import Path

HASHED_FOLDERS = ("articles", "comments", "newsite", "templates")


def compute_build_id(folder: Path, *settings: object) -> str:
    """Of the settings that pages show, the libraries, and all Python, HTML, CSS, JavaScript and SVG of ours.

    By content; some milliseconds, once a start.
    """
    digest = hashlib.sha256(repr(settings).encode())
    digest.update((folder / "requirements/base.txt").read_bytes())
    for name in HASHED_FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js", ".svg"}:
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
