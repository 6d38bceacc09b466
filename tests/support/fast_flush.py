"""After a test that commits: its rows go, and what migrations had put there comes back.

Django does both by itself, with TRUNCATE, which costs PostgreSQL new files for every table, and with an UPDATE and an
INSERT for each row, through the serializers. With hundreds of rows that took most such tests longer than what they try.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Contents = dict[str, tuple[list[str], list[tuple[Any, ...]]]]  # table: its columns, its rows


def restore_quickly(connection: BaseDatabaseWrapper) -> None:
    """For `transaction=True` and `serialized_rollback=True`."""
    creation: Any = connection.creation
    operations: Any = connection.ops
    creation.serialize_db_to_string = lambda: contents_of(connection)
    creation.deserialize_db_from_string = lambda contents: put_back(connection, contents)
    if connection.vendor == "postgresql":
        truncation = operations.sql_flush
        operations.sql_flush = lambda style, tables, *, reset_sequences=False, allow_cascade=False: (
            truncation(style, tables, reset_sequences=True, allow_cascade=allow_cascade)
            if reset_sequences
            else deletion_from(connection, tables)
        )


def contents_of(connection: BaseDatabaseWrapper) -> Contents:
    found: Contents = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if rows := cursor.fetchall():
                found[table] = ([column[0] for column in cursor.description], rows)
    return found


def put_back(connection: BaseDatabaseWrapper, contents: Contents) -> None:
    """In any order: foreign keys are looked at when all of it is there. The first such test finds it there already."""
    quoted = connection.ops.quote_name
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, (columns, rows) in contents.items():
            names = ", ".join(map(quoted, columns))
            places = f"({', '.join(['%s'] * len(columns))})"
            values = [value for row in rows for value in row]
            what = f"{quoted(table)} ({names}) VALUES {', '.join([places] * len(rows))}"
            cursor.execute(f"INSERT INTO {what} ON CONFLICT DO NOTHING", values)


def deletion_from(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """As SQL, which Django runs in one transaction. Numbers go on, as after its TRUNCATE."""
    return ["; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)] if tables else []
