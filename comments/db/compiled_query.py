"""Queries whose SQL is compiled once, for use in every request.

Compiling the SQL of an article's cache versions, or of a page of its conversation, takes Django longer than the
database needs to run it. With COMPILED_QUERIES=False in the settings, Django runs the ordinary querysets each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain
import threading
from typing import Any

from django.conf import settings
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.sql.compiler import SQLCompiler

MAX_UNION_QUERIES = 500  # limit of SQLite for one statement

QueryRow = tuple[Any, ...]
QueryResults = Mapping[str, list[QueryRow]]


class PreparableSQL(str):
    """SQL of frequent queries whose plan does not depend on their values.

    PostgreSQL plans it once for each connection (newsite/db/cursor.py). Other queries are planned for their values: a
    moderation queue of twenty comments needs another plan than one of 20,000.
    """

    __slots__ = ()
    is_preparable = True


@dataclass(frozen=True)
class _Placeholder:
    """Placeholder for the value of this name in a parameter list."""

    name: str
    is_text: bool


@dataclass
class _CompiledSQL:
    compiler: SQLCompiler
    converters: Any
    sql: str
    parameters: list[Any]

    def convert(self, rows: list[QueryRow]) -> list[QueryRow]:
        if self.converters:
            return [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]
        return list(rows)

    def fill_parameters(self, values: Mapping[str, Any]) -> list[Any]:
        adapted = {name: _adapt(value, self.compiler.connection) for name, value in values.items()}
        return [adapted[each.name] if isinstance(each, _Placeholder) else each for each in self.parameters]

    @property
    def array(self) -> str:
        (place,) = {each for each in self.parameters if isinstance(each, _Placeholder)}
        return "text[]" if place.is_text else "bigint[]"

    @property
    def constants(self) -> list[Any]:
        return [each for each in self.parameters if not isinstance(each, _Placeholder)]

    @cached_property
    def lateral_sql(self) -> str:
        """Return SQL that runs the query for each value of an array; for PostgreSQL only.

        The SQL of twenty queries in one would take far longer to parse.
        """
        part = self.sql_at("given.value")
        return PreparableSQL(f"SELECT part.* FROM unnest(%s::{self.array}) AS given(value), LATERAL ({part}) AS part")  # noqa: S608 (Django's)

    def sql_at(self, column: str) -> str:
        """Return the SQL with this expression as the only value."""
        texts = self.sql.split("%s")
        places = [column if isinstance(each, _Placeholder) else "%s" for each in self.parameters]
        return "".join(chain(*zip(texts, [*places, ""], strict=True)))

    def union_sql(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """Return SQL and parameters that run the query for each value; for SQLite only."""
        sql = " UNION ALL ".join(f"SELECT * FROM ({self.sql})" for _value in values)  # noqa: S608 (Django's)
        return sql, [value if isinstance(each, _Placeholder) else each for value in values for each in self.parameters]


# Marks for parameters: values that occur nowhere else in a query.
TEXT_MARK, ID_MARK = "\N{PILCROW SIGN}", 1_000_000_001
DATE_MARK, TIME_MARK = date(1, 2, 3), datetime(1, 2, 3, tzinfo=UTC)


class CompiledQuery:
    """Query whose SQL is compiled once for each thread and connection.

    `build` creates a queryset from named values. `marks` are example values, each different from all other values in
    the query, by which the positions of the parameters are found.
    """

    def __init__(
        self, model: type[models.Model], build: Callable[..., models.QuerySet[Any, Any]], **marks: Any
    ) -> None:
        self.model, self.build, self.marks = model, build, marks
        self._local = threading.local()  # compiled SQL belongs to a connection, and a connection to a thread

    def first(self, **values: Any) -> QueryRow | None:
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: Any) -> list[QueryRow]:
        return self.bind(**values).rows()

    def rows_for_each(self, values: Sequence[Any]) -> list[QueryRow]:
        return self.bind_many(values).rows()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.build(**self.marks).query.values_select
        return names

    def bind(self, **values: Any) -> BoundQuery:
        if not _is_enabled():
            return _OrdinaryQuery([self.build(**values)])
        connection, written = self.compiled()
        return BoundQuery(connection, [(written.sql, written.fill_parameters(values))], written.convert)

    def bind_many(self, values: Sequence[Any]) -> BoundQuery:
        """Return a query for the rows of each value; the query must have a single mark."""
        if not _is_enabled():
            (name,) = self.marks
            return _OrdinaryQuery([self.build(**{name: value}) for value in values])
        connection, written = self.compiled()
        adapted = [_adapt(value, connection) for value in values]
        if connection.vendor == "postgresql":
            of_all = (written.lateral_sql, [adapted, *written.constants])
            return BoundQuery(connection, [of_all] if adapted else [], written.convert)
        parts = [adapted[at : at + MAX_UNION_QUERIES] for at in range(0, len(adapted), MAX_UNION_QUERIES)]
        return BoundQuery(connection, [written.union_sql(part) for part in parts], written.convert)

    def compiled(self) -> tuple[BaseDatabaseWrapper, _CompiledSQL]:
        using = router.db_for_read(self.model)
        connection = connections[using]
        written: _CompiledSQL | None = getattr(self._local, using, None)
        if written is None or written.compiler.connection is not connection:
            written = self._write(using)
            setattr(self._local, using, written)
        return connection, written

    def _write(self, using: str) -> _CompiledSQL:
        compiler = self.build(**self.marks).query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        places = {
            _adapt(mark, compiler.connection): _Placeholder(name, isinstance(mark, str))
            for name, mark in self.marks.items()
        }
        found = [places.get(each, each) for each in parameters]
        if lost := set(places.values()) - {each for each in found if isinstance(each, _Placeholder)}:
            raise LookupError(f"The query has no parameter for {lost}.")
        return _CompiledSQL(compiler, converters, PreparableSQL(sql), found)


class CompiledParentChildQuery:
    """Query for parent rows and for the child rows of each parent, with a single query on PostgreSQL.

    Children are read for parents whose column `child_count` is not 0. The column `key` is the only value of the child
    query.
    """

    def __init__(self, whole: CompiledQuery, part: CompiledQuery, *, key: str, child_count: str) -> None:
        self.parent, self.child, self.key, self.child_count = whole, part, key, child_count
        self._local = threading.local()

    def rows(self, **values: Any) -> list[QueryRow]:
        """Return parent and child rows, in no particular order."""
        if _is_enabled():
            (connection, whole), (_connection, part) = self.parent.compiled(), self.child.compiled()
            if connection.vendor == "postgresql":
                parameters = [*whole.fill_parameters(values), *part.constants]
                return BoundQuery(connection, [(self._sql(whole, part), parameters)], whole.convert).rows()
        rows = self.parent.rows(**values)
        key, parts = self.parent.columns.index(self.key), self.parent.columns.index(self.child_count)
        return rows + self.child.rows_for_each([row[key] for row in rows if row[parts]])

    def _sql(self, whole: _CompiledSQL, part: _CompiledSQL) -> str:
        of_whole, of_part, sql = getattr(self._local, "written", (None, None, ""))
        if of_whole is not whole or of_part is not part:
            sql = PreparableSQL(
                f"WITH whole AS ({whole.sql}) SELECT * FROM whole UNION ALL SELECT part.*"  # noqa: S608 (Django's)
                f" FROM whole, LATERAL ({part.sql_at(f'whole.{self.key}')}) AS part WHERE whole.{self.child_count} > 0"
            )
            self._local.written = whole, part, sql
        return sql


class BoundQuery:
    """Query with its values, to be run alone or pipelined with others by `run_pipelined`."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        statements: Sequence[tuple[str, Sequence[Any]]],
        converted: Callable[[list[QueryRow]], list[QueryRow]] = list,
    ) -> None:
        self.connection, self.statements, self.convert = connection, statements, converted

    def rows(self) -> list[QueryRow]:
        return self.read(self.send())

    def send(self) -> list[CursorWrapper]:
        cursors = []
        for sql, parameters in self.statements:
            cursor = self.connection.cursor()
            cursor.execute(sql, parameters)
            cursors.append(cursor)
        return cursors

    def read(self, cursors: Sequence[CursorWrapper]) -> list[QueryRow]:
        rows: list[QueryRow] = []
        for cursor in cursors:
            with cursor:
                rows += cursor.fetchall()
        return self.convert(rows)


class _OrdinaryQuery(BoundQuery):
    """Querysets that Django runs, one after the other."""

    def __init__(self, querysets: Sequence[models.QuerySet[Any, Any]]) -> None:
        self.querysets = querysets

    def rows(self) -> list[QueryRow]:
        return [*chain.from_iterable(self.querysets)]


def run_pipelined(asked: Mapping[str, BoundQuery]) -> QueryResults:
    """Run queries of one connection and return their rows by name.

    PostgreSQL gets all of them in one pipeline, because a round trip takes longer than most of the queries. Each
    query sees what was committed before it ran.
    """
    if not _is_enabled():
        return {name: each.rows() for name, each in asked.items()}
    connection = next(iter(asked.values())).connection
    with _pipeline(connection):
        sent = {name: each.send() for name, each in asked.items()}
    return {name: each.read(sent[name]) for name, each in asked.items()}


@contextmanager
def _pipeline(connection: BaseDatabaseWrapper) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _is_enabled() -> bool:
    return getattr(settings, "COMPILED_QUERIES", True)


def _adapt(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """Return the value as the database adapter expects it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
