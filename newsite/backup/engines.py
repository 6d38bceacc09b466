"""Dump and load of a database during operation: SQLite by its backup API, PostgreSQL by pg_dump."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
import os
from pathlib import Path
import shutil
import sqlite3
import subprocess
from typing import IO, NamedTuple, cast

from django.db import connection, connections
from django.db.backends.postgresql.client import DatabaseClient

from newsite.backup.manifest import BackupError, create_private_file

_LOCK_TIMEOUT = 30  # seconds that a restore waits for transactions that use a table
# All tables are dropped, including those of a later release, and filled, in one transaction.
_BEGIN = f"""
\\set ON_ERROR_STOP on
BEGIN;
SET client_min_messages = warning;
SET lock_timeout = '{_LOCK_TIMEOUT}s';
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', name);
    END LOOP;
END $$;
"""  # noqa: S608 (a constant number)


class Engine(NamedTuple):
    """Functions of a database engine.

    `dump` writes the file, `verify` raises BackupError if the file is damaged, and `load` replaces the whole database
    by it in one transaction.
    """

    file: str
    dump: Callable[[Path], None]
    verify: Callable[[Path], None]
    load: Callable[[Path], None]


def engine() -> Engine:
    return ENGINES[connection.vendor]


def _dump_sqlite(path: Path) -> None:
    create_private_file(path).close()
    with closing(_open_sqlite()) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)  # a snapshot in one step; in WAL mode, writers do not wait for readers
        copy.execute("PRAGMA journal_mode=DELETE")  # one file instead of three


def _look_at_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            is_whole = copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"SQLite cannot read {path.name}: {error}.") from error
    if not is_whole:
        raise BackupError(f"SQLite reports that {path.name} is damaged.")


def _load_sqlite(path: Path) -> None:
    connections.close_all()
    try:
        with closing(sqlite3.connect(path)) as source, closing(_open_sqlite()) as database:
            source.backup(database)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"The database could not be replaced and is unchanged: {error}.") from error


def _open_sqlite() -> sqlite3.Connection:
    return sqlite3.connect(connection.settings_dict["NAME"], timeout=_LOCK_TIMEOUT)


def _dump_postgresql(path: Path) -> None:
    command, environment = _command("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
    with create_private_file(path) as file:
        done = subprocess.run(command, env=environment, stdout=file, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise BackupError(f"pg_dump failed: {_error_line(done.stderr)}")


def _look_at_postgresql(path: Path) -> None:
    command: list[str | Path] = [find_program("pg_restore"), "--list", path]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise BackupError(f"pg_restore cannot read {path.name}: {_error_line(done.stderr)}")


def _load_postgresql(path: Path) -> None:
    """Run the output of pg_restore in psql; COMMIT is sent only after pg_restore has succeeded."""
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL only; closes this process's own connections
    psql, environment = _command("psql", "--no-psqlrc", "--quiet", "--output=/dev/null")
    script: list[str | Path] = [find_program("pg_restore"), "--no-owner", "--no-privileges", "--no-comments"]
    with subprocess.Popen(psql, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as database:
        pipe = cast(IO[bytes], database.stdin)
        written = None
        with suppress(BrokenPipeError):  # psql reports the reason
            pipe.write(_BEGIN.encode())
            pipe.flush()
            written = subprocess.run([*script, "--file=-", path], stdout=pipe, stderr=subprocess.PIPE, check=False)
            if written.returncode == 0:
                pipe.write(b"\nCOMMIT;\n")
                pipe.flush()
        _out, said = database.communicate()
    if database.returncode or written is None or written.returncode:
        why = _error_line(said) or _error_line(written.stderr if written else b"")
        raise BackupError(f"The database could not be replaced and is unchanged: {why}")


def _command(program: str, *options: str) -> tuple[list[str | Path], dict[str, str]]:
    """Return the command line with the connection, as for dbshell, and the environment with the password."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return [find_program(program), *options, *arguments[1:]], {**os.environ, **(environment or {})}


def find_program(name: str) -> Path:
    """Return the path of the program: in PG_BIN, else the newest version on Debian.

    pg_dump must not be older than the server. Raise BackupError if it is not found.
    """
    if folder := os.environ.get("PG_BIN"):
        found = [Path(folder) / name]
    else:
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
        found = found or [Path(path) for path in [shutil.which(name)] if path]
    if not found or not found[-1].is_file():
        raise BackupError(
            f"{name} was not found. Install it (apt-get install postgresql-client) or set PG_BIN to its folder."
        )
    return found[-1]


def _error_line(errors: bytes) -> str:
    """Return the first line that contains an error."""
    lines = errors.decode(errors="replace").strip().splitlines()
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")


ENGINES = {
    "sqlite": Engine("database.sqlite3", _dump_sqlite, _look_at_sqlite, _load_sqlite),
    "postgresql": Engine("database.pgdump", _dump_postgresql, _look_at_postgresql, _load_postgresql),
}
