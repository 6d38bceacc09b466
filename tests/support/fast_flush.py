"""Faster clean-up after tests that commit: delete their rows and restore those of the migrations.

Django uses TRUNCATE, for which PostgreSQL creates new files for every table, and one UPDATE and INSERT per row through
the serializers. That took longer than most of these tests themselves.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TableRows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]  # by table: column names and rows


def install_fast_flush(connection: BaseDatabaseWrapper) -> None:
    """Replace the flush and the serialized rollback of Django in tests with `transaction=True`."""
    creation: Any = connection.creation
    operations: Any = connection.ops
    creation.serialize_db_to_string = lambda: read_tables(connection)
    creation.deserialize_db_from_string = lambda table_rows: insert_rows(connection, table_rows)
    if connection.vendor == "postgresql":
        truncation = operations.sql_flush
        operations.sql_flush = lambda style, tables, *, reset_sequences=False, allow_cascade=False: (
            truncation(style, tables, reset_sequences=True, allow_cascade=allow_cascade)
            if reset_sequences
            else delete_statements(connection, tables)
        )


def read_tables(connection: BaseDatabaseWrapper) -> TableRows:
    table_rows: TableRows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if rows := cursor.fetchall():
                table_rows[table] = ([column[0] for column in cursor.description], rows)
    return table_rows


def insert_rows(connection: BaseDatabaseWrapper, table_rows: TableRows) -> None:
    """Insert the rows in any order, since foreign keys are checked at commit; ignore rows that exist."""
    quote_name = connection.ops.quote_name
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, (columns, rows) in table_rows.items():
            names = ", ".join(map(quote_name, columns))
            placeholders = f"({', '.join(['%s'] * len(columns))})"
            values = [value for row in rows for value in row]
            target = f"{quote_name(table)} ({names}) VALUES {', '.join([placeholders] * len(rows))}"
            cursor.execute(f"INSERT INTO {target} ON CONFLICT DO NOTHING", values)


def delete_statements(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """Return the SQL that empties the tables; Django runs it in one transaction. Sequences continue."""
    return ["; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)] if tables else []
