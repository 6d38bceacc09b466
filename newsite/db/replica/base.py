"""Database engine with client-side timeouts, because a hanging server does not apply its own."""

from __future__ import annotations

import time
from typing import Any

from django.db.backends.postgresql import base
import psycopg

QUERY_TIMEOUT_SECONDS = 5.0  # seconds for one query; those of public pages take some milliseconds


class TimeoutConnection(psycopg.Connection[Any]):
    """Connection that raises OperationalError and closes when a response takes longer than `timeout_seconds`."""

    timeout_seconds = QUERY_TIMEOUT_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        started = time.monotonic()
        try:
            return super().wait(gen, interval, self.timeout_seconds)
        except psycopg.OperationalError as error:
            if time.monotonic() - started < self.timeout_seconds:
                raise
            self.close()
            raise psycopg.OperationalError(f"no answer within {self.timeout_seconds:g} s") from error


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> TimeoutConnection:
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # Django's default
        return TimeoutConnection.connect(**conn_params)
