"""Ids of imported comments: the original id if it is free, otherwise a new one."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from comments.models import Comment

MAX_ID = 10**12  # limits how far an export can advance the sequence: an exhausted one would block new comments

_TABLE = Comment._meta.db_table


def advance_sequence(max_id: int) -> None:
    """Make new comments get higher ids than this one.

    This includes comments that readers post during the import.
    """
    if not 0 < max_id <= MAX_ID:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [_TABLE])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608 (the name comes from the database)
            if cursor.fetchone()[0] < max_id:
                cursor.execute("SELECT setval(%s, %s)", [sequence, max_id])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [max_id, _TABLE])
            if not cursor.rowcount:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [_TABLE, max_id])


def available_ids(ids: Collection[int]) -> set[int]:
    valid = {pk for pk in ids if 0 < pk <= MAX_ID}
    return valid - set(Comment.objects.filter(pk__in=valid).values_list("pk", flat=True))


def allocate_ids(number: int) -> list[int]:
    """Allocate new ids.

    Call this in the transaction that uses them: on SQLite it holds the write lock.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sql, [_TABLE, number])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [_TABLE])
        row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + 1 + number))
