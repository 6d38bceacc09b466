"""Waiting for others who do the same: what no row can be locked for."""

from __future__ import annotations

import hashlib

from django.db import connection

from comments.db.compiled_query import Asked

LONGEST_WAIT = 5_000  # milliseconds, for any lock: else those who wait would soon have every thread, and nobody a page


def one_at_a_time(*names: str) -> None:
    """Until the transaction ends, nobody else passes here with one of these names. They are waited for in their order.
    On SQLite writers queue as it is. Raises OperationalError, from now on, where a lock is not to be had.
    """
    asked_for_turn(*names).rows()


def asked_for_turn(*names: str) -> Asked:
    """The same as a look-up, to be asked together with others: those behind it are answered once the turn has come."""
    if connection.vendor != "postgresql" or not names:
        return Asked(connection, [])
    keys = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names]
    locks = ", ".join(["pg_advisory_xact_lock(%s)"] * len(keys))
    sql = f"SELECT set_config('lock_timeout', %s, true), {locks}"
    return Asked(connection, [(sql, [str(LONGEST_WAIT), *keys])])
