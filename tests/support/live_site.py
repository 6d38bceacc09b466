"""The real thing: a database of its own with the demo in it, and gunicorn on a free port."""

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
from tests.support.template_databases import HERE, copy_demo, copy_migrated

BACKEND = "newsite.accounts.backends.TwoFactorBackend"


# Runs each piece of code that comes as a line of JSON, and answers with what it printed, or with its error.
SHELL = """
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
    url: str
    server: subprocess.Popen[bytes]
    environment: dict[str, str]
    shell: subprocess.Popen[str]

    def python(self, code: str) -> str:
        """What this code prints, run beside the site with its settings and its database."""
        assert self.shell.stdin
        assert self.shell.stdout
        print(json.dumps(code), file=self.shell.stdin, flush=True)
        printed, error = json.loads(self.shell.stdout.readline())
        assert not error, error
        return str(printed).strip()

    def session_of(self, username: str) -> str:
        """As if this person had logged in; a password takes the server longer than most pages."""
        return self.python(
            "from django.contrib.auth.models import User; from django.test import Client\n"
            f"client = Client(); client.force_login(User.objects.get(username={username!r}), '{BACKEND}')\n"
            "print(client.cookies['sessionid'].value)"
        )

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
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
        "DATABASE_URL": database_with_demo(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "THREADS": "8",
    }
    server = shell = None
    try:
        command = [sys.executable, "-m", "gunicorn", "newsite.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", str(workers), "--threads", "8", "--no-control-socket", "--log-level", "warning"]
        server = subprocess.Popen(command, env=environment, cwd=HERE)
        shell = shell_of(environment)
        site = RunningSite(environment["SITE_URL"], server, environment, shell)
        wait_for(f"{site.url}/readyz")
        yield site
    finally:
        if shell:
            shell.communicate(timeout=30)
        if server:
            server.terminate()
            server.wait(30)


def shell_of(environment: dict[str, str]) -> subprocess.Popen[str]:
    """What `RunningSite.python` speaks to."""
    return subprocess.Popen(
        [sys.executable, "-c", SHELL],
        env=environment,
        cwd=HERE,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def database_with_demo(folder: Path) -> str:
    """Beside the one that DATABASE_URL names if that is PostgreSQL, else a file in the folder; pictures in `media`."""
    if url := _copied(DEMO):
        shutil.copytree(_socket_folder() / "media", folder / "media")
        return url
    copy_demo(folder / "site.sqlite3", folder / "media")
    return f"sqlite:///{folder / 'site.sqlite3'}"


def migrated_database(folder: Path) -> str:
    """Where the one with the demo would be."""
    if url := _copied(MIGRATED):
        return url
    copy_migrated(folder / "site.sqlite3")
    return f"sqlite:///{folder / 'site.sqlite3'}"


def _copied(template: str) -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgresql"):
        return ""
    name = f"site_{os.getpid()}_{time.monotonic_ns()}"
    create_database(_socket_folder(), name, template)
    return f"{url.rpartition('/')[0]}/{name}"


def _socket_folder() -> Path:
    return Path(os.environ["DATABASE_URL"].partition("@/")[2]).parent


def wait_for(url: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (OSError, URLError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
