"""Advisory locks, for cases in which no row can be locked."""

from __future__ import annotations

import hashlib

from django.db import connection

from comments.db.compiled_query import BoundQuery

LOCK_TIMEOUT_MS = 5_000  # for any lock; otherwise waiting requests would soon occupy every thread


def acquire_locks(*names: str) -> None:
    """Lock these names until the transaction ends; they are locked in the given order.

    SQLite serializes writers, so nothing is locked there. Raise OperationalError if a lock is not available within
    LOCK_TIMEOUT_MS; that timeout then applies to all later locks of the transaction.
    """
    bind_locks(*names).rows()


def bind_locks(*names: str) -> BoundQuery:
    """Return a query that takes the locks.

    It can be pipelined with other queries: those after it run once the locks are held.
    """
    if connection.vendor != "postgresql" or not names:
        return BoundQuery(connection, [])
    keys = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names]
    locks = ", ".join(["pg_advisory_xact_lock(%s)"] * len(keys))
    sql = f"SELECT set_config('lock_timeout', %s, true), {locks}"
    return BoundQuery(connection, [(sql, [str(LOCK_TIMEOUT_MS), *keys])])
