"""Databases that are migrated, and filled with the demo, once and then copied: each of the two takes seconds.

They are kept in var/ until the code changes, or for an hour: the times in the demo are reckoned from its loading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
import fcntl
import hashlib
import os
from pathlib import Path
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = Path(__file__).resolve().parents[2]
KEPT = HERE / "var/prepared"
MADE_OF = ("articles", "comments", "newsite")
FILE = "site.sqlite3"
USER, PASSWORD = "editor", "correct horse battery staple"
HOUR = 3600


def copy_migrated(to: Path) -> None:
    """An SQLite database with all tables, and nothing in them but what migrations put there."""
    with kept("migrated", lambda folder: migrate(f"sqlite:///{folder / FILE}")) as folder:
        _copy_file(folder / FILE, to)


def copy_demo(to: Path, media: Path) -> None:
    """An SQLite database with the demo and its first user; and the pictures."""
    with kept("demo", lambda folder: load_demo(f"sqlite:///{folder / FILE}", folder / "media")) as folder:
        _copy_file(folder / FILE, to)
        shutil.copytree(folder / "media", media)


def _copy_file(database: Path, to: Path) -> None:
    to.parent.mkdir(exist_ok=True)
    for path in (to, to.with_name(f"{to.name}-wal"), to.with_name(f"{to.name}-shm")):  # a killed run leaves them
        path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


def migrate(url: str) -> None:
    _manage("migrate", "--verbosity=0", DATABASE_URL=url)


def load_demo(url: str, media: Path) -> None:
    """Attack mode is off there: tests and benchmarks write more than any neighbourhood."""
    _manage("setup_dev", "--user", USER, DATABASE_URL=url, MEDIA_ROOT=str(media), FIRST_PASSWORD=PASSWORD)
    _manage("shell", "--no-imports", "-c", ATTACK_MODE.format("off"), DATABASE_URL=url)


ATTACK_MODE = (
    "from comments.models import SitePolicy\n"
    "SitePolicy.objects.update_or_create(pk=1, defaults={{'attack_mode': '{}'}})"
)


def _manage(*words: str, **values: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsite.settings", "SECRET_KEY": "x" * 50, **values}
    subprocess.run([sys.executable, "-W", "ignore", "manage.py", *words], env=environment, cwd=HERE, check=True)


@contextlib.contextmanager
def kept(name: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """The folder that `make` has filled, now or earlier; nobody else makes it or takes it away meanwhile."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = KEPT / f"{name}-{_fingerprint()}"
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists() or folder.stat().st_mtime < time.time() - HOUR:
            for old in KEPT.glob(f"{name}-*"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(dir=KEPT) as unfinished:
                made = Path(unfinished) / name
                made.mkdir()
                make(made)
                os.utime(made)
                made.rename(folder)
        yield folder


def _fingerprint() -> str:
    """Of all that the databases are made by."""
    digest = hashlib.sha256((HERE / "requirements/base.txt").read_bytes())
    for path in sorted(path for name in MADE_OF for path in (HERE / name).rglob("*")):
        if path.suffix in {".py", ".toml", ".webp"}:
            digest.update(f"{path.relative_to(HERE)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
