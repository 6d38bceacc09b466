"""Waiting for others who do the same: what no row can be locked for."""

from __future__ import annotations

import hashlib

from django.db import connection

from comments.db.compiled_query import BoundQuery

LOCK_TIMEOUT_MS = (
    5_000  # milliseconds, for any lock: else those who wait would soon have every thread, and nobody a page
)


def acquire_locks(*names: str) -> None:
    """Until the transaction ends, nobody else passes here with one of these names. They are waited for in their order.
    On SQLite writers queue as it is. Raises OperationalError, from now on, where a lock is not to be had.
    """
    bind_locks(*names).rows()


def bind_locks(*names: str) -> BoundQuery:
    """The same as a look-up, to be asked together with others: those behind it are answered once the turn has come."""
    if connection.vendor != "postgresql" or not names:
        return BoundQuery(connection, [])
    keys = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names]
    locks = ", ".join(["pg_advisory_xact_lock(%s)"] * len(keys))
    sql = f"SELECT set_config('lock_timeout', %s, true), {locks}"
    return BoundQuery(connection, [(sql, [str(LOCK_TIMEOUT_MS), *keys])])
