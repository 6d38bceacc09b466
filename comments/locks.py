"""Waiting for others who do the same: what no row can be locked for."""

from __future__ import annotations

import hashlib

from django.db import connection


def one_at_a_time(name: str) -> None:
    """Until the transaction ends, nobody else passes here with this name. On SQLite writers queue as it is."""
    if connection.vendor == "postgresql":
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
