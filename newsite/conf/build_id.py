"""Hash of everything that affects rendered pages.

It is part of every cache key and ETag, so that no change needs a purge.
"""

import hashlib
from pathlib import Path

HASHED_FOLDERS = ("articles", "comments", "newsite", "templates")


def compute_build_id(folder: Path, *settings: object) -> str:
    """Hash the settings that pages show, the versions of libraries, and all source files and templates.

    Files are hashed by content. It takes some milliseconds per start.
    """
    digest = hashlib.sha256(repr(settings).encode())
    digest.update((folder / "requirements/base.txt").read_bytes())
    for name in HASHED_FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js", ".svg"}:
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
