"""Search of the whole database, every table and column, as in a dump."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import json
from typing import NamedTuple

from django.db import connection


class Occurrence(NamedTuple):
    needle: str
    table: str
    rows: int


def find_occurrences(needles: Iterable[str]) -> list[Occurrence]:
    """Find rows that contain a needle, ignoring case (on SQLite: of ASCII).

    Reads every row of every table once for each needle.
    """
    tables = _columns_of_tables()
    return [
        found
        for needle in sorted(needles)
        for table, columns in tables.items()
        for found in _search_table(table, columns, needle)
    ]


def _columns_of_tables() -> dict[str, list[str]]:
    tables = connection.introspection
    with connection.cursor() as cursor:
        return {
            table: [column.name for column in tables.get_table_description(cursor, table)]
            for table in tables.table_names(cursor)
        }


def _search_table(table: str, columns: list[str], needle: str) -> Iterator[Occurrence]:
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(table)
        # JSON escapes some characters.
        forms = list({_escaped(needle), _escaped(json.dumps(needle)[1:-1]), _escaped(_quoted(needle))})
        conditions = [
            f"CAST({connection.ops.quote_name(column)} AS TEXT) {_like_operator()} %s ESCAPE '!'"
            for column in columns
            for _form in forms
        ]
        query = f"SELECT count(*) FROM {name} WHERE {' OR '.join(conditions)}"  # noqa: S608 (names of our own tables)
        cursor.execute(query, [f"%{form}%" for _column in columns for form in forms])
        if rows := cursor.fetchone()[0]:
            yield Occurrence(needle, table, rows)


def _quoted(needle: str) -> str:
    return json.dumps(needle, ensure_ascii=False)[1:-1]


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _like_operator() -> str:
    return "ILIKE" if connection.vendor == "postgresql" else "LIKE"
