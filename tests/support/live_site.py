"""Site with the demo in its own database, served by gunicorn on a free port."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shutil
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.postgres import DEMO, MIGRATED, create_database
from tests.support.template_databases import REPOSITORY, copy_demo, copy_migrated

BACKEND = "newsite.accounts.backends.TwoFactorBackend"


# Run code, one JSON string per line, and reply with a JSON list: its output and its traceback.
SHELL_CODE = """
import contextlib, io, json, sys, traceback
import django
from django.db import connections
django.setup()
for line in sys.stdin:
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {})
    except Exception:
        error = traceback.format_exc()
    connections.close_all()
    print(json.dumps([printed.getvalue(), error]), flush=True)
"""


@dataclass(frozen=True)
class RunningSite:
    """Running site; `shell` runs code beside it."""

    url: str
    server: subprocess.Popen[bytes]
    environment: dict[str, str]
    shell: subprocess.Popen[str]

    def python(self, code: str) -> str:
        """Run code in a second process with the settings and database of the site; return what it printed."""
        assert self.shell.stdin
        assert self.shell.stdout
        print(json.dumps(code), file=self.shell.stdin, flush=True)
        output, error = json.loads(self.shell.stdout.readline())
        assert not error, error
        return str(output).strip()

    def session_id_for(self, username: str) -> str:
        """Log a user in without a password, which would be slow to hash; return the session id."""
        return self.python(
            "from django.contrib.auth.models import User; from django.test import Client\n"
            f"client = Client(); client.force_login(User.objects.get(username={username!r}), '{BACKEND}')\n"
            "print(client.cookies['sessionid'].value)"
        )

    def workers(self) -> list[int]:
        """Return the process ids of gunicorn's workers."""
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


@contextlib.contextmanager
def running_site(folder: Path, *, workers: int = 1) -> Iterator[RunningSite]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "newsite.settings",
        "DATABASE_URL": create_demo_database(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "THREADS": "8",
    }
    server = shell = None
    try:
        command = [sys.executable, "-m", "gunicorn", "newsite.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", str(workers), "--threads", "8", "--no-control-socket", "--log-level", "warning"]
        server = subprocess.Popen(command, env=environment, cwd=REPOSITORY)
        shell = start_shell(environment)
        site = RunningSite(environment["SITE_URL"], server, environment, shell)
        wait_for(f"{site.url}/readyz")
        yield site
    finally:
        if shell:
            shell.communicate(timeout=30)
        if server:
            server.terminate()
            server.wait(30)


def start_shell(environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start the process that runs the code of `RunningSite.python`."""
    return subprocess.Popen(
        [sys.executable, "-c", SHELL_CODE],
        env=environment,
        cwd=REPOSITORY,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def create_demo_database(folder: Path) -> str:
    """Create a database with the demo and return its URL; copy the images of the demo to `media` in the folder.

    The database is on the PostgreSQL server of DATABASE_URL; without one, it is an SQLite file in the folder.
    """
    if url := _copy_template(DEMO):
        shutil.copytree(_postgres_folder() / "media", folder / "media")
        return url
    copy_demo(folder / "site.sqlite3", folder / "media")
    return f"sqlite:///{folder / 'site.sqlite3'}"


def create_migrated_database(folder: Path) -> str:
    """Create an empty migrated database, in the same place as `create_demo_database`, and return its URL."""
    if url := _copy_template(MIGRATED):
        return url
    copy_migrated(folder / "site.sqlite3")
    return f"sqlite:///{folder / 'site.sqlite3'}"


def _copy_template(template: str) -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgresql"):
        return ""
    name = f"site_{os.getpid()}_{time.monotonic_ns()}"
    create_database(_postgres_folder(), name, template)
    return f"{url.rpartition('/')[0]}/{name}"


def _postgres_folder() -> Path:
    return Path(os.environ["DATABASE_URL"].partition("@/")[2]).parent


def wait_for(url: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (OSError, URLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
