"""Run a command with a temporary PostgreSQL server: python -m tests.support.postgres COMMAND ARGS...

The command gets the URL of an empty database in DATABASE_URL. The server has two template databases besides, MIGRATED
and DEMO, with the images of the demo (template_databases.py). As root, the server runs as an unprivileged user.
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

from tests.support.template_databases import load_demo, migrate, prepared_folder

MIGRATED, DEMO = "migrated", "demo"
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
autovacuum = off
max_connections = 100
"""
NON_DURABLE_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
DURABLE_SETTINGS = NON_DURABLE_SETTINGS.replace("off", "on")
_LIBC = ctypes.CDLL(None)  # load before setuid: other users cannot read /root
_PR_SET_PDEATHSIG = 1


def main() -> int:
    with temporary_database() as url:
        return subprocess.call(sys.argv[1:], env={**os.environ, "DATABASE_URL": url, "TEST_TEMPLATE": MIGRATED})


@contextlib.contextmanager
def temporary_database() -> Iterator[str]:
    """Run a server and yield the URL of an empty database."""
    with running_server() as server:
        yield server.url


@contextlib.contextmanager
def running_server(*, is_durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server that may be stopped and restarted; with `is_durable` it keeps all commits when it is killed."""
    with _running(
        lambda server: server.copy_prepared(DURABLE_SETTINGS if is_durable else NON_DURABLE_SETTINGS)
    ) as server:
        yield server


@contextlib.contextmanager
def running_replica(primary: PostgresServer) -> Iterator[PostgresServer]:
    """Run a streaming replica of the primary."""
    with _running(lambda server: server.copy_primary(primary)) as server:
        yield server


@contextlib.contextmanager
def _running(prepare: Callable[[PostgresServer], None]) -> Iterator[PostgresServer]:
    root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: the path of a socket is limited to 107 bytes
    server = PostgresServer(root)
    try:
        prepare(server)
        server.start()
        yield server
    finally:
        server.thaw()
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


class PostgresServer:
    """PostgreSQL server in its own folder. `process` is None while it is stopped."""

    def __init__(self, root: Path) -> None:
        self.programs = find_programs()
        self.root, self.home, self.data = root, root / "run", root / "run/data"
        self.url = self.url_of("postgres")
        self.process: subprocess.Popen[bytes] | None = None
        self.process_user: dict[str, Any] = {}
        self.environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.home)}

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@/{self.home}/{database}"

    def initialise(self) -> None:
        self._make_home()
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._add_settings(SETTINGS.format(socket=self.home) + NON_DURABLE_SETTINGS)

    def copy_prepared(self, more_settings: str) -> None:
        self._make_home()
        with prepared_folder("cluster", _prepare_databases) as folder:
            shutil.copytree(folder, self.home, dirs_exist_ok=True)
        if self.process_user:
            for path in self.home.rglob("*"):
                os.chown(path, self.process_user["user"], self.process_user["group"])
        self._add_settings(SETTINGS.format(socket=self.home) + more_settings)

    def copy_primary(self, primary: PostgresServer) -> None:
        self._make_home()
        copy = ["-D", str(self.data), "-h", str(primary.home), "-U", "postgres", "-R", "--checkpoint=fast", "--no-sync"]
        self._run("pg_basebackup", *copy)
        self._add_settings(SETTINGS.format(socket=self.home))

    def _make_home(self) -> None:
        self.home.mkdir()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.process_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.root.chmod(0o755)
            os.chown(self.home, nobody.pw_uid, nobody.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            env=self.environment,
            cwd=self.home,
            **self.process_user,
        )

    def _add_settings(self, settings: str) -> None:
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
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (no threads here)
                **self.process_user,
            )
        wait_until_ready(self.process, self.data / "postmaster.pid", log)

    def stop(self, stop_signal: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server: with SIGQUIT immediately, as in a crash; with SIGINT in order, after closing connections."""
        if self.process:
            self.process.send_signal(stop_signal)
            self.process.wait(30)
            self.process = None

    def freeze(self) -> None:
        """Suspend all processes: the system still accepts connections, but the server does not respond."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume all processes."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            self.process.send_signal(number)
            for pid in map(int, children.read_text().split()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


def _prepare_databases(folder: Path) -> None:
    """Store the data folder of a stopped server with both template databases, and the images of the demo."""
    with _running(PostgresServer.initialise) as server:
        create_database(server.home, MIGRATED)
        migrate(server.url_of(MIGRATED))
        create_database(server.home, DEMO, MIGRATED)
        load_demo(server.url_of(DEMO), folder / "media")
        server.stop(signal.SIGINT)
        shutil.copytree(server.data, folder / "data")


def create_database(socket: Path, name: str, template: str = "template1") -> None:
    with psycopg.connect(host=str(socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def find_programs() -> Path:
    if folder := os.environ.get("PG_BIN"):
        return Path(folder)
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not programs:
        sys.exit("PostgreSQL is not installed: apt-get install postgresql")
    return programs[-1].parent


def wait_until_ready(postgres: subprocess.Popen[bytes], pid_file: Path, log: Path) -> None:
    for _ in range(1500):
        if postgres.poll() is not None:
            sys.exit(f"PostgreSQL did not start: {log.read_text()}")
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.02)
    sys.exit(f"PostgreSQL was not ready within 30 seconds: {log.read_text()}")


def _end_with_parent() -> None:
    """Let Linux stop this process when its parent ends, even if the test run was killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


if __name__ == "__main__":
    sys.exit(main())
