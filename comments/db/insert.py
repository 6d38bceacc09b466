"""Fast inserts of new rows.

Compiling the SQL takes Django longer than the database needs to store the rows, and all rows of one comment can be
sent in one pipeline.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from comments.db.compiled_query import BoundQuery, run_pipelined


def insert(*new: models.Model) -> None:
    """Insert the rows, one model after the other, and set their primary keys; no signals are sent."""
    of_model: dict[type[models.Model], list[models.Model]] = {}
    for each in new:
        of_model.setdefault(type(each), []).append(each)
    using = router.db_for_write(type(new[0]))
    stored = run_pipelined({model.__name__: _bind_insert(using, model, rows) for model, rows in of_model.items()})
    for model, rows in of_model.items():
        for each, (pk,) in zip(rows, stored[model.__name__], strict=True):
            each.pk = pk
            each._state.adding, each._state.db = False, using


def _bind_insert(using: str, model: type[models.Model], rows: list[models.Model]) -> BoundQuery:
    connection, fields = connections[using], _fields(model)
    values = [
        value if (value := getattr(each, field.attname)) is None else field.get_db_prep_save(value, connection)
        for each in rows
        for field in fields
    ]
    return BoundQuery(connection, [(_sql(connection, model, len(rows)), values)])


def _sql(connection: BaseDatabaseWrapper, model: type[models.Model], number: int) -> str:
    quote, fields = connection.ops.quote_name, _fields(model)
    table, columns = quote(model._meta.db_table), ", ".join(quote(str(field.column)) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * number)} RETURNING {quote('id')}"  # noqa: S608 (names of models)


@cache
def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return all fields except the primary key, which the database sets."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]
