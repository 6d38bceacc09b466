"""A private throw-away PostgreSQL for one command: python -m tests.support.postgres COMMAND ARGS...

Works as root (the server then runs as nobody) and as anybody else. The command finds it in DATABASE_URL.
Beside that empty database it has two to copy from: MIGRATED, and DEMO with its pictures (template_databases.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
import ctypes
import os
from pathlib import Path
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

import psycopg

from tests.support.template_databases import kept, load_demo, migrate

MIGRATED, DEMO = "migrated", "demo"
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
autovacuum = off
max_connections = 100
"""
THAT_FORGET = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
THAT_KEEP = THAT_FORGET.replace("off", "on")
_LIBC = ctypes.CDLL(None)  # loaded here: after the change to nobody, an interpreter under /root cannot be read
_PR_SET_PDEATHSIG = 1


def main() -> int:
    with server() as url:
        return subprocess.call(sys.argv[1:], env={**os.environ, "DATABASE_URL": url, "TEST_TEMPLATE": MIGRATED})


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Its DATABASE_URL, while it runs."""
    with cluster() as running:
        yield running.url


@contextlib.contextmanager
def cluster(*, is_durable: bool = False) -> Iterator[Cluster]:
    """One that can be stopped and started again; with `is_durable` it loses nothing then that it has answered."""
    with _running(lambda made: made.copy_kept(THAT_KEEP if is_durable else THAT_FORGET)) as made:
        yield made


@contextlib.contextmanager
def replica_of(primary: Cluster) -> Iterator[Cluster]:
    """A streaming one, which begins as a copy."""
    with _running(lambda made: made.follow(primary)) as made:
        yield made


@contextlib.contextmanager
def _running(prepare: Callable[[Cluster], None]) -> Iterator[Cluster]:
    root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has 107 bytes at most
    made = Cluster(root)
    try:
        prepare(made)
        made.start()
        yield made
    finally:
        made.thaw()
        made.stop()
        shutil.rmtree(root, ignore_errors=True)


class Cluster:
    """A folder with its data, and the server if it runs."""

    def __init__(self, root: Path) -> None:
        self.programs = find_programs()
        self.root, self.home, self.data = root, root / "run", root / "run/data"
        self.url = self.url_of("postgres")
        self.process: subprocess.Popen[bytes] | None = None
        self.as_whom: dict[str, Any] = {}
        self.environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.home)}

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@/{self.home}/{database}"

    def initialise(self) -> None:
        self._make_home()
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._set(SETTINGS.format(socket=self.home) + THAT_FORGET)

    def copy_kept(self, more_settings: str) -> None:
        self._make_home()
        with kept("cluster", _fill) as folder:
            shutil.copytree(folder, self.home, dirs_exist_ok=True)
        if self.as_whom:
            for path in self.home.rglob("*"):
                os.chown(path, self.as_whom["user"], self.as_whom["group"])
        self._set(SETTINGS.format(socket=self.home) + more_settings)

    def follow(self, primary: Cluster) -> None:
        self._make_home()
        copy = ["-D", str(self.data), "-h", str(primary.home), "-U", "postgres", "-R", "--checkpoint=fast", "--no-sync"]
        self._run("pg_basebackup", *copy)
        self._set(SETTINGS.format(socket=self.home))

    def _make_home(self) -> None:
        self.home.mkdir()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.as_whom = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.root.chmod(0o755)
            os.chown(self.home, nobody.pw_uid, nobody.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            env=self.environment,
            cwd=self.home,
            **self.as_whom,
        )

    def _set(self, settings: str) -> None:
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings)

    def start(self) -> None:
        log = self.root / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data],
                stdout=output,
                stderr=output,
                env=self.environment,
                cwd=self.home,
                preexec_fn=_end_with_us,  # noqa: PLW1509 (no threads here)
                **self.as_whom,
            )
        wait_for(self.process, self.data / "postmaster.pid", log)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT: at once, as if it had crashed; SIGINT: everybody is thrown out, then it ends in order."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def freeze(self) -> None:
        """It takes connections, as far as the system does that, and says nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            self.process.send_signal(number)
            for pid in map(int, children.read_text().split()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


def _fill(folder: Path) -> None:
    """With the data of a server that was stopped in order, and the pictures of the demo."""
    with _running(Cluster.initialise) as made:
        create_database(made.home, MIGRATED)
        migrate(made.url_of(MIGRATED))
        create_database(made.home, DEMO, MIGRATED)
        load_demo(made.url_of(DEMO), folder / "media")
        made.stop(signal.SIGINT)
        shutil.copytree(made.data, folder / "data")


def create_database(socket: Path, name: str, template: str = "template1") -> None:
    with psycopg.connect(host=str(socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def find_programs() -> Path:
    if folder := os.environ.get("PG_BIN"):
        return Path(folder)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        sys.exit("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


def wait_for(postgres: subprocess.Popen[bytes], pid_file: Path, log: Path) -> None:
    for _ in range(1500):
        if postgres.poll() is not None:
            sys.exit(f"PostgreSQL did not start: {log.read_text()}")
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.02)
    sys.exit(f"PostgreSQL was not ready within 30 seconds: {log.read_text()}")


def _end_with_us() -> None:
    """Linux: a killed test run leaves no server behind."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


if __name__ == "__main__":
    sys.exit(main())
