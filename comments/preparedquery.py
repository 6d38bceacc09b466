"""A query that is asked at every request, and whose SQL is therefore written once: Django takes longer to write that of
an article's versions, or of a page of its conversation, than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
import threading
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


@dataclass(frozen=True)
class _Place:
    """In the parameters, where the value of this name belongs."""

    name: str


@dataclass(frozen=True)
class _Written:
    compiler: SQLCompiler
    converters: Any
    sql: str
    parameters: list[Any]


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
        return self.rows_of_each([values])

    def rows_of_each(self, given: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Of each of these sets of values the rows, in one query."""
        using = router.db_for_read(self.model)
        connection = connections[using]
        written = getattr(self._here, using, None)
        if written is None or written.compiler.connection is not connection:
            written = self._write(using)
            setattr(self._here, using, written)
        parameters: list[Any] = []
        for values in given:
            adapted = {name: _adapted(value, connection) for name, value in values.items()}
            parameters += [adapted[each.name] if isinstance(each, _Place) else each for each in written.parameters]
        with connection.cursor() as cursor:
            cursor.execute(written.sql if len(given) == 1 else _union(written.sql, len(given)), parameters)
            rows = cursor.fetchall()
        if written.converters:
            return [tuple(row) for row in written.compiler.apply_converters(rows, written.converters)]
        return list(rows)

    def _write(self, using: str) -> _Written:
        compiler = self.build(**self.marks).query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        places = {_adapted(mark, compiler.connection): _Place(name) for name, mark in self.marks.items()}
        found = [places.get(each, each) for each in parameters]
        if lost := set(places.values()) - {each for each in found if isinstance(each, _Place)}:
            raise LookupError(f"The query has no place for {lost}.")
        return _Written(compiler, converters, sql, found)


@cache
def _union(sql: str, number: int) -> str:
    return " UNION ALL ".join(f"SELECT * FROM ({sql}) AS part_{part}" for part in range(number))  # noqa: S608 (Django's)


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """As this database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
