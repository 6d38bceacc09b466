"""How PostgreSQL is asked: what is asked often is prepared, where a statement that failed for that may be asked once
more.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName
from psycopg.types.datetime import TimestamptzLoader

from comments.db.compiled_query import PreparableSQL


class PreparingCursor(psycopg.Cursor[Any]):
    """A prepared statement fails once its table has other types (a migration under the running version), or once it is
    gone (somebody emptied the session). Outside a transaction it is then asked anew, and nobody notices; a transaction
    would be lost by it, so within one nothing is prepared.

    Times in it are read by psycopg's own loader, in C. Django's puts the time zone that the connection has into each of
    them once more: for those of fifty comments that takes a fifth of their page.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        if not (isinstance(query, PreparableSQL) and self.connection.autocommit):
            return super().execute(query, params, **{**how, "prepare": False})
        self.adapters.register_loader("timestamptz", TimestamptzLoader)
        try:
            return super().execute(query, params, **how)
        except (FeatureNotSupported, InvalidSqlStatementName):
            super().execute("DEALLOCATE ALL", prepare=False)  # psycopg forgets with it what it has prepared
            return super().execute(query, params, **how)
