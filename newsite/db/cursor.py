"""PostgreSQL cursor that prepares frequent statements, and retries one that fails because it was prepared."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName
from psycopg.types.datetime import TimestamptzLoader


class PreparingCursor(psycopg.Cursor[Any]):
    """Cursor for prepared statements: those whose text has `is_preparable`, as of compiled queries.

    A prepared statement fails once the types of its table change (a migration during operation) or the session was
    reset. Outside a transaction it is retried without an error. Inside a transaction the failure would abort the
    transaction, so nothing is prepared there.

    psycopg's own loader in C reads the timestamps. Django's loader sets the time zone of the connection on each of
    them again, which takes a fifth of the time of a page with fifty comments.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        if not (getattr(query, "is_preparable", False) and self.connection.autocommit):
            return super().execute(query, params, **{**how, "prepare": False})
        self.adapters.register_loader("timestamptz", TimestamptzLoader)
        try:
            return super().execute(query, params, **how)
        except (FeatureNotSupported, InvalidSqlStatementName):
            super().execute("DEALLOCATE ALL", prepare=False)  # psycopg also clears its list of prepared statements
            return super().execute(query, params, **how)
