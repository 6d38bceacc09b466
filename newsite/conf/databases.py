"""Database settings from DATABASE_URL and, for public pages, DATABASE_REPLICA_URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS

from newsite.conf.env import env, parse_boolean, read_env
from newsite.db.cursor import PreparingCursor
from newsite.db.replica import ALIAS

SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
BOOLEAN_OPTIONS = {"ATOMIC_REQUESTS", "AUTOCOMMIT", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS"}


def databases(kept_in: Path) -> dict[str, dict[str, Any]]:
    """Return DATABASES; an SQLite file if DATABASE_URL is not set."""
    primary = _parsed("DATABASE_URL", f"sqlite:///{kept_in}")
    if primary["ENGINE"] not in {SQLITE, POSTGRESQL} or not primary.get("NAME"):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// or sqlite:/// and be complete.")
    options = primary.setdefault("OPTIONS", {})  # from the query of the URL
    options |= _of_sqlite() if primary["ENGINE"] == SQLITE else _of_postgresql(primary)
    if not read_env(env.str, "DATABASE_REPLICA_URL", default=""):
        return {DEFAULT_DB_ALIAS: primary}
    replica = _parsed("DATABASE_REPLICA_URL", "")
    if POSTGRESQL not in {primary["ENGINE"]} & {replica["ENGINE"]} or not replica.get("NAME"):
        raise ImproperlyConfigured("DATABASE_REPLICA_URL must begin with postgresql://, and so must DATABASE_URL.")
    replica.setdefault("OPTIONS", {}).update(_of_postgresql(replica))
    return {
        DEFAULT_DB_ALIAS: primary,
        ALIAS: {**replica, "ENGINE": "newsite.db.replica", "TEST": {"MIRROR": "default"}},
    }


def _parsed(name: str, default: str) -> dict[str, Any]:
    """Parse the URL and its booleans: django-environ reads `false` in the query as a string, which is true."""
    parsed = read_env(env.db_url, name, default=default)
    switches = {
        switch: parse_boolean(f"{name}?{switch.lower()}", parsed[switch]) for switch in BOOLEAN_OPTIONS & parsed.keys()
    }
    return {"ENGINE": "", **parsed, **switches}


def _of_sqlite() -> dict[str, Any]:
    return {
        "timeout": 20,  # seconds that a writer waits for another writer
        "transaction_mode": "IMMEDIATE",  # write transactions wait at their beginning, not in the middle
        # WAL: readers never wait. FULL: committed data survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }


def _of_postgresql(config: dict[str, Any]) -> dict[str, Any]:
    """Return options for one persistent connection per thread.

    Connecting fails within seconds if there is no server, and a vanished host is noticed within seconds.

    Queries of every request are prepared once per connection (comments/db/compiled_query.py), because planning is
    most of their cost on the server. This is off behind a pooler that assigns connections per transaction
    (docs/scaling.md).
    """
    config["CONN_MAX_AGE"] = 600
    is_shared = config.get("DISABLE_SERVER_SIDE_CURSORS", False)
    return {
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,
        "server_side_binding": True,
        "cursor_factory": PreparingCursor,
        "prepare_threshold": None if is_shared else 5,  # executions before a statement is prepared; psycopg's default
    }
