"""Serve the site and run its worker for development, as ./run does."""

from __future__ import annotations

from collections.abc import Mapping
import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any
import urllib.error
import urllib.request

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

USER = "editor"
START_SECONDS = 30
WORKER_STOP_SECONDS = 15  # an email may be on its way; the next start sends what was not sent
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    help = "Migrate, load the demo once, then serve the site and run its worker until this process ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="HOST:PORT")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        password = _secret("password")
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
        manage = [sys.executable, "manage.py"]
        setup = [*manage, "setup_dev", "--user", USER]
        if subprocess.call(setup, env={**environment, "FIRST_PASSWORD": password}) != 0:
            raise CommandError("The database could not be prepared.")
        servers = _Processes(environment)
        server = servers.start(_gunicorn(address, environment))
        _wait_until_it_answers(f"http://{address}/healthz", server)
        url = f"http://{address}"
        self.stdout.write(f"Site: {url}/\nAdmin: {url}/admin/\nUser: {USER}\nPassword: {password}")
        self.stdout.flush()
        servers.keep_running(server, [*manage, "run_worker"])
        sys.exit(server.returncode)


class _Processes:
    """Child processes that end with this one, whether it is told to stop, killed or its terminal closes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment, self._running, self._is_stopping = environment, list[subprocess.Popen[bytes]](), False
        for number in _SIGNALS:
            signal.signal(number, self._stop)

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        prepare = _end_with_parent(os.getpid())
        process = subprocess.Popen(command, env=self._environment, preexec_fn=prepare)  # noqa: PLW1509 (no threads yet)
        self._running.append(process)
        return process

    def keep_running(self, server: subprocess.Popen[bytes], worker_command: list[str]) -> None:
        """Run the worker, and restart it if it ends, until the server ends."""
        worker = None
        while server.poll() is None:
            if not self._is_stopping and (worker is None or worker.poll() is not None):
                if worker is not None:
                    print(f"The worker ended ({worker.returncode}) and is restarted.", file=sys.stderr, flush=True)
                    self._running.remove(worker)
                    time.sleep(1)
                worker = self.start(worker_command)
            time.sleep(0.2)
        if worker is None:
            return
        worker.terminate()
        try:
            worker.wait(WORKER_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True
        for process in self._running:
            process.terminate()


def _gunicorn(address: str, environment: Mapping[str, str]) -> list[str]:
    """Return the command. One process: without a shared cache, several would each keep pages of their own."""
    command = [sys.executable, "-m", "gunicorn", "newsite.wsgi", "--bind", address, "--no-control-socket"]
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", environment.get("THREADS", "8")]
    return [*command, "--log-level", "warning", "--graceful-timeout", "5"]


def _secret(name: str) -> str:
    """Return a random password from a file that only its owner can read; create it the first time."""
    file = settings.VAR / name
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(12))
    return str(file.read_text().strip())


def _end_with_parent(parent: int) -> Any:
    """Return what a child calls before its program starts: the kernel tells it to stop when the parent is killed."""

    def prepare() -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        if hasattr(_LIBC, "prctl"):
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)

    return prepare


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise CommandError("The server did not start. Its output is above.")
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 (http)
            return
        time.sleep(0.1)
    server.terminate()
    raise CommandError(f"The server did not answer at {url} within {START_SECONDS} seconds.")
