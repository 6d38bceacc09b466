"""A query that is asked at every request, and whose SQL is therefore written once: Django takes longer to write that of
an article's versions, or of a page of its conversation, than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain
import threading
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.sql.compiler import SQLCompiler

MOST_IN_ONE = 500  # queries that SQLite takes in one

Row = tuple[Any, ...]
Answers = Mapping[str, list[Row]]


class Often(str):
    """SQL that is asked at every request, with the same plan whatever its values are: PostgreSQL plans it once for a
    connection (newsite/db/cursor.py). Others are planned by their values: a queue of twenty is not read as one of
    20,000.
    """

    __slots__ = ()


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

    def converted(self, rows: list[Row]) -> list[Row]:
        if self.converters:
            return [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]
        return list(rows)

    def filled_in(self, values: Mapping[str, Any]) -> list[Any]:
        adapted = {name: _adapted(value, self.compiler.connection) for name, value in values.items()}
        return [adapted[each.name] if isinstance(each, _Place) else each for each in self.parameters]

    @property
    def columns(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.compiler.query.values_select
        return names

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
        part = self.sql_at("given.value")
        return Often(f"SELECT part.* FROM unnest(%s::{self.array}) AS given(value), LATERAL ({part}) AS part")  # noqa: S608 (Django's)

    def sql_at(self, column: str) -> str:
        """With this in the one place."""
        texts = self.sql.split("%s")
        places = [column if isinstance(each, _Place) else "%s" for each in self.parameters]
        return "".join(chain(*zip(texts, [*places, ""], strict=True)))

    def one_by_one(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """SQLite's."""
        sql = " UNION ALL ".join(f"SELECT * FROM ({self.sql})" for _value in values)  # noqa: S608 (Django's)
        return sql, [value if isinstance(each, _Place) else each for value in values for each in self.parameters]


class PreparedQuery:
    """`build` makes a query for lists of values, of what is given by name. The `marks` are such values, each like no
    other in the query: by them their places are found.
    """

    def __init__(
        self, model: type[models.Model], build: Callable[..., models.QuerySet[Any, Any]], **marks: Any
    ) -> None:
        self.model, self.build, self.marks = model, build, marks
        self._here = threading.local()  # what has been written belongs to a connection, and that to a thread

    def first(self, **values: Any) -> Row | None:
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: Any) -> list[Row]:
        return self.given(**values).rows()

    def rows_of_each(self, values: Sequence[Any]) -> list[Row]:
        return self.given_each(values).rows()

    def given(self, **values: Any) -> Asked:
        connection, written = self.prepared()
        return Asked(connection, [(written.sql, written.filled_in(values))], written.converted)

    def given_each(self, values: Sequence[Any]) -> Asked:
        """Of each value of the one mark the rows, in one query."""
        connection, written = self.prepared()
        adapted = [_adapted(value, connection) for value in values]
        if connection.vendor == "postgresql":
            of_all = (written.sql_of_each, [adapted, *written.constants])
            return Asked(connection, [of_all] if adapted else [], written.converted)
        parts = [adapted[at : at + MOST_IN_ONE] for at in range(0, len(adapted), MOST_IN_ONE)]
        return Asked(connection, [written.one_by_one(part) for part in parts], written.converted)

    def prepared(self) -> tuple[BaseDatabaseWrapper, _Written]:
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
        return _Written(compiler, converters, Often(sql), found)


class WithParts:
    """The rows of one query, and those of another for each that has any: its `parts` says whether; its `key` belongs in
    the other's one place. PostgreSQL is asked once for both.
    """

    def __init__(self, whole: PreparedQuery, part: PreparedQuery, *, key: str, parts: str) -> None:
        self.whole, self.part, self.key, self.parts = whole, part, key, parts
        self._here = threading.local()

    def rows(self, **values: Any) -> list[Row]:
        """In any order."""
        (connection, whole), (_connection, part) = self.whole.prepared(), self.part.prepared()
        if connection.vendor == "postgresql":
            parameters = [*whole.filled_in(values), *part.constants]
            return Asked(connection, [(self._sql(whole, part), parameters)], whole.converted).rows()
        rows = self.whole.rows(**values)
        key, parts = whole.columns.index(self.key), whole.columns.index(self.parts)
        return rows + self.part.rows_of_each([row[key] for row in rows if row[parts]])

    def _sql(self, whole: _Written, part: _Written) -> str:
        of_whole, of_part, sql = getattr(self._here, "written", (None, None, ""))
        if of_whole is not whole or of_part is not part:
            sql = Often(
                f"WITH whole AS ({whole.sql}) SELECT * FROM whole UNION ALL SELECT part.*"  # noqa: S608 (Django's)
                f" FROM whole, LATERAL ({part.sql_at(f'whole.{self.key}')}) AS part WHERE whole.{self.parts} > 0"
            )
            self._here.written = whole, part, sql
        return sql


class Asked:
    """A query with its values, to be sent alone or, by `answers`, with others."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        statements: Sequence[tuple[str, Sequence[Any]]],
        converted: Callable[[list[Row]], list[Row]] = list,
    ) -> None:
        self.connection, self.statements, self.converted = connection, statements, converted

    def rows(self) -> list[Row]:
        return self.read(self.send())

    def send(self) -> list[CursorWrapper]:
        cursors = []
        for sql, parameters in self.statements:
            cursor = self.connection.cursor()
            cursor.execute(sql, parameters)
            cursors.append(cursor)
        return cursors

    def read(self, cursors: Sequence[CursorWrapper]) -> list[Row]:
        rows: list[Row] = []
        for cursor in cursors:
            with cursor:
                rows += cursor.fetchall()
        return self.converted(rows)


def answers(asked: Mapping[str, Asked]) -> Answers:
    """The rows of each, of one connection. PostgreSQL is sent all of them at once, since the way there and back takes
    longer than most of the answers; each sees what was committed when its turn came.
    """
    connection = next(iter(asked.values())).connection
    with _all_at_once(connection):
        sent = {name: each.send() for name, each in asked.items()}
    return {name: each.read(sent[name]) for name, each in asked.items()}


@contextmanager
def _all_at_once(connection: BaseDatabaseWrapper) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """As this database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
