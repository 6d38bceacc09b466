"""Ids for comments that come from elsewhere: their own where it is free, else new ones that nobody will want later."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from comments.models import Comment

MAX_ID = 10**12  # a sequence that somebody's export could drive to its end would end the conversation

_TABLE = Comment._meta.db_table


def advance_sequence(highest: int) -> None:
    """From now on new comments get higher ids than this one, also those of readers who write meanwhile."""
    if not 0 < highest <= MAX_ID:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [_TABLE])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608 (its name is the database's own)
            if cursor.fetchone()[0] < highest:
                cursor.execute("SELECT setval(%s, %s)", [sequence, highest])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [highest, _TABLE])
            if not cursor.rowcount:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [_TABLE, highest])


def available_ids(wanted: Collection[int]) -> set[int]:
    possible = {pk for pk in wanted if 0 < pk <= MAX_ID}
    return possible - set(Comment.objects.filter(pk__in=possible).values_list("pk", flat=True))


def allocate_ids(number: int) -> list[int]:
    """In the transaction that uses them: on SQLite it has the database for itself."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sql, [_TABLE, number])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [_TABLE])
        row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + 1 + number))
