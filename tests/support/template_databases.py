"""Template databases: migrated or loaded with the demo once, then copied, because both take seconds.

They are stored in var/ until the code changes, for an hour at most: times in the demo are relative to its loading.
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

REPOSITORY = Path(__file__).resolve().parents[2]
PREPARED = REPOSITORY / "var/prepared"
SOURCE_PACKAGES = ("articles", "comments", "newsite")
DATABASE_FILE = "site.sqlite3"
USER, PASSWORD = "editor", "correct horse battery staple"
MAX_AGE_SECONDS = 3600


def copy_migrated(to: Path) -> None:
    """Create an SQLite database with all tables and the rows of the migrations."""
    with prepared_folder("migrated", lambda folder: migrate(f"sqlite:///{folder / DATABASE_FILE}")) as folder:
        _copy_file(folder / DATABASE_FILE, to)


def copy_demo(to: Path, media: Path) -> None:
    """Create an SQLite database with the demo and its first user, and copy the images."""
    with prepared_folder(
        "demo", lambda folder: load_demo(f"sqlite:///{folder / DATABASE_FILE}", folder / "media")
    ) as folder:
        _copy_file(folder / DATABASE_FILE, to)
        shutil.copytree(folder / "media", media)


def _copy_file(database: Path, to: Path) -> None:
    to.parent.mkdir(exist_ok=True)
    for path in (to, to.with_name(f"{to.name}-wal"), to.with_name(f"{to.name}-shm")):  # files of a killed run
        path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


def migrate(url: str) -> None:
    _manage("migrate", "--verbosity=0", DATABASE_URL=url)


def load_demo(url: str, media: Path) -> None:
    """Load the demo. Turn attack mode off, because tests and benchmarks post more than real readers."""
    _manage("setup_dev", "--user", USER, DATABASE_URL=url, MEDIA_ROOT=str(media), FIRST_PASSWORD=PASSWORD)
    _manage("shell", "--no-imports", "-c", ATTACK_MODE.format("off"), DATABASE_URL=url)


ATTACK_MODE = (
    "from comments.models import SitePolicy\n"
    "SitePolicy.objects.update_or_create(pk=1, defaults={{'attack_mode': '{}'}})"
)


def _manage(*words: str, **values: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsite.settings", "SECRET_KEY": "x" * 50, **values}
    subprocess.run([sys.executable, "-W", "ignore", "manage.py", *words], env=environment, cwd=REPOSITORY, check=True)


@contextlib.contextmanager
def prepared_folder(name: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """Yield the folder that `make` has filled, now or earlier, under a lock against other processes."""
    PREPARED.mkdir(parents=True, exist_ok=True)
    folder = PREPARED / f"{name}-{_fingerprint()}"
    with (PREPARED / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists() or folder.stat().st_mtime < time.time() - MAX_AGE_SECONDS:
            for old in PREPARED.glob(f"{name}-*"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(dir=PREPARED) as unfinished:
                target = Path(unfinished) / name
                target.mkdir()
                make(target)
                os.utime(target)
                target.rename(folder)
        yield folder


def _fingerprint() -> str:
    """Return a hash of all files that determine the databases."""
    digest = hashlib.sha256((REPOSITORY / "requirements/base.txt").read_bytes())
    for path in sorted(path for name in SOURCE_PACKAGES for path in (REPOSITORY / name).rglob("*")):
        if path.suffix in {".py", ".toml", ".webp"}:
            digest.update(f"{path.relative_to(REPOSITORY)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
