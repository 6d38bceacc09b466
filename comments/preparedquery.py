"""A query that is asked at every request, and whose SQL is therefore written once: Django takes longer to write that of
an article's versions, or of a page of its conversation, than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
import itertools
import threading
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


@dataclass(frozen=True)
class _Place:
    """In the parameters, where the value of this name belongs."""

    name: str
    is_text: bool


@dataclass
class _Written:
    compiler: SQLCompiler
    converters: Any
    sql: str
    parameters: list[Any]

    @property
    def array(self) -> str:
        (place,) = {each for each in self.parameters if isinstance(each, _Place)}
        return "text[]" if place.is_text else "bigint[]"

    @property
    def constants(self) -> list[Any]:
        return [each for each in self.parameters if not isinstance(each, _Place)]

    @cached_property
    def sql_of_each(self) -> str:
        """Given a list for the one place; PostgreSQL's. Twenty queries in one would be far longer to read."""
        texts = self.sql.split("%s")
        places = ["given.value" if isinstance(each, _Place) else "%s" for each in self.parameters]
        sql = "".join(itertools.chain(*zip(texts, [*places, ""], strict=True)))
        return f"SELECT part.* FROM unnest(%s::{self.array}) AS given(value), LATERAL ({sql}) AS part"  # noqa: S608 (Django's)


class PreparedQuery:
    """`build` makes a query for lists of values, of what is given by name. The `marks` are such values, each like no
    other in the query: by them their places are found.
    """

    def __init__(
        self, model: type[models.Model], build: Callable[..., models.QuerySet[Any, Any]], **marks: Any
    ) -> None:
        self.model, self.build, self.marks = model, build, marks
        self._here = threading.local()  # what has been written belongs to a connection, and that to a thread

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        connection, written = self._prepared()
        adapted = {name: _adapted(value, connection) for name, value in values.items()}
        parameters = [adapted[each.name] if isinstance(each, _Place) else each for each in written.parameters]
        return _rows(connection, written, written.sql, parameters)

    def rows_of_each(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Of each value of the one mark the rows, in one query. Of a few: SQLite takes no more than 500."""
        if not values:
            return []
        connection, written = self._prepared()
        adapted = [_adapted(value, connection) for value in values]
        if connection.vendor == "postgresql":
            sql, parameters = written.sql_of_each, [adapted, *written.constants]
        else:
            sql = " UNION ALL ".join(f"SELECT * FROM ({written.sql})" for _value in adapted)  # noqa: S608 (Django's)
            parameters = [
                value if isinstance(each, _Place) else each for value in adapted for each in written.parameters
            ]
        return _rows(connection, written, sql, parameters)

    def _prepared(self) -> tuple[BaseDatabaseWrapper, _Written]:
        using = router.db_for_read(self.model)
        connection = connections[using]
        written: _Written | None = getattr(self._here, using, None)
        if written is None or written.compiler.connection is not connection:
            written = self._write(using)
            setattr(self._here, using, written)
        return connection, written

    def _write(self, using: str) -> _Written:
        compiler = self.build(**self.marks).query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        places = {
            _adapted(mark, compiler.connection): _Place(name, isinstance(mark, str))
            for name, mark in self.marks.items()
        }
        found = [places.get(each, each) for each in parameters]
        if lost := set(places.values()) - {each for each in found if isinstance(each, _Place)}:
            raise LookupError(f"The query has no place for {lost}.")
        return _Written(compiler, converters, sql, found)


def _rows(
    connection: BaseDatabaseWrapper, written: _Written, sql: str, parameters: Sequence[Any]
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    if written.converters:
        return [tuple(row) for row in written.compiler.apply_converters(rows, written.converters)]
    return list(rows)


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """As this database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
