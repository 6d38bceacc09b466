"""Django's PostgreSQL with an end to waiting: a server that hangs says nothing, and no limit of its own is kept."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
import psycopg
from psycopg.errors import _WaitTimeout

QUERY_TIMEOUT_SECONDS = 5.0  # seconds for one query; those of public pages take some milliseconds


class TimeoutConnection(psycopg.Connection[Any]):
    """Raises OperationalError, and is closed, where an answer takes longer than `patience`."""

    timeout_seconds = QUERY_TIMEOUT_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.timeout_seconds if timeout is None else timeout)
        except _WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError(f"no answer within {self.timeout_seconds:g} s") from error


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> TimeoutConnection:
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # as Django has it where nothing else is set
        return TimeoutConnection.connect(**conn_params)
