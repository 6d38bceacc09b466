"""Prepared statements of PostgreSQL: invalidated plans cause no errors."""

from datetime import UTC, datetime, timedelta, timezone

from django.db import connection, transaction
from django.db.utils import NotSupportedError
import pytest

from comments.db.compiled_query import PreparableSQL

ASKED_BEFORE = 8  # times; above the prepare threshold of psycopg

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite looks at the tables each time"),
]


def ask(query):
    with connection.cursor() as cursor:
        cursor.execute(PreparableSQL(query))
        return cursor.fetchone()


def prepared():
    return ask("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM changing%%'")[0]


@pytest.fixture
def somebody_else():
    """Open a second session: psycopg tracks schema changes of its own connection only."""
    another = connection.copy()
    with another.cursor() as cursor:
        cursor.execute("CREATE TABLE changing (name varchar(10))")
        cursor.execute("INSERT INTO changing VALUES ('Zuleika')")
        yield cursor.execute
        connection.close()
        cursor.execute("DROP TABLE changing")
    another.close()


def ask_often():
    connection.close()
    for _time in range(ASKED_BEFORE):
        assert ask("SELECT name FROM changing") == ("Zuleika",)
    assert prepared() == 1


@pytest.mark.parametrize("other", ["varchar(20)", "text"])
def test_a_column_that_a_migration_has_changed_is_read_as_before(somebody_else, other):
    ask_often()
    somebody_else(f"ALTER TABLE changing ALTER name TYPE {other}")
    for _time in range(ASKED_BEFORE):
        assert ask("SELECT name FROM changing") == ("Zuleika",)
    assert prepared() == 1


def test_a_session_that_was_emptied_goes_on(somebody_else):
    ask_often()
    connection.connection.pgconn.exec_(b"DISCARD ALL")
    for _time in range(ASKED_BEFORE):
        assert ask("SELECT name FROM changing") == ("Zuleika",)


def test_a_transaction_needs_nothing_that_was_prepared_before_a_migration(somebody_else):
    ask_often()
    somebody_else("ALTER TABLE changing ALTER name TYPE text")
    with transaction.atomic():
        for _time in range(ASKED_BEFORE):
            assert ask("SELECT name FROM changing") == ("Zuleika",)


def test_what_may_be_planned_by_its_values_is_not_prepared(somebody_else):
    connection.close()
    with connection.cursor() as cursor:
        for _time in range(ASKED_BEFORE):
            cursor.execute("SELECT name FROM changing")
    assert prepared() == 0


def test_what_postgresql_cannot_do_is_said(somebody_else):
    with pytest.raises(NotSupportedError):
        ask("SELECT count(*) FROM changing FOR UPDATE")


def test_times_are_read_in_the_zone_in_which_they_are_kept():
    given = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    for query in ("SELECT %s::timestamptz", PreparableSQL("SELECT %s::timestamptz")):
        with connection.cursor() as cursor:
            cursor.execute(query, [given])
            (read,) = cursor.fetchone()
        assert (read, read.tzinfo) == (given, UTC)
