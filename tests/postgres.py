"""A private throw-away PostgreSQL for one command: python -m tests.postgres COMMAND ARGS...

Works as root (the server then runs as nobody) and as anybody else. The command finds it in DATABASE_URL.
"""

from __future__ import annotations

from collections.abc import Iterator
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

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 100
"""
_LIBC = ctypes.CDLL(None)  # loaded here: after the change to nobody, an interpreter under /root cannot be read
_PR_SET_PDEATHSIG = 1


def main() -> int:
    with server() as url:
        return subprocess.call(sys.argv[1:], env={**os.environ, "DATABASE_URL": url})


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Its DATABASE_URL, while it runs."""
    programs = find_programs()
    root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has 107 bytes at most
    home = root / "run"
    home.mkdir()
    as_whom: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        as_whom = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        root.chmod(0o755)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(home)}
    data = home / "data"
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=home, **as_whom)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS.format(socket=home))
    log = root / "log"
    with log.open("wb") as output:
        postgres = subprocess.Popen(
            [programs / "postgres", "-D", data],
            stdout=output,
            stderr=output,
            env=environment,
            cwd=home,
            preexec_fn=_end_with_us,  # noqa: PLW1509 (no threads here)
            **as_whom,
        )
    try:
        wait_for(postgres, data / "postmaster.pid", log)
        yield f"postgresql://postgres@/{home}/postgres"
    finally:
        postgres.send_signal(signal.SIGQUIT)
        postgres.wait(10)
        shutil.rmtree(root, ignore_errors=True)


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
