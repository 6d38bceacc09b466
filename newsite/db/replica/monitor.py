"""Whether pages may be read from the replica. A thread of this process looks, so that no reader waits for the answer.

It asks the primary how far it has written, then the replica whether it has come so far: then all that there was when
the primary was asked can be read from the replica, and what is read there for DATABASE_REPLICA_MOST_LAG seconds from
that moment on is never older than these. No other clock is believed, and a primary where nothing happens makes nobody
late. If looking stops, so does reading from it.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
import psycopg

from newsite.db.replica import ALIAS
from newsite.db.replica.base import TimeoutConnection

POLL_SECONDS = 0.05  # seconds, while it is behind
PRIMARY_OUTAGE_SECONDS = (
    10.0  # seconds for which it is good where nobody can write: longer than to find that out once more
)
PRIMARY_LSN_SQL = "SELECT pg_current_wal_flush_lsn()::text"
REPLICA_CAUGHT_UP_SQL = "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= coalesce(%s::pg_lsn, '0/0')"

logger = logging.getLogger(__name__)


class _State:
    """Of this process; changed by its watcher alone, but for the doubt."""

    usable_until = 0.0
    is_excluded = False
    must_reconnect = False


_check_requested = threading.Event()
_start_lock = threading.Lock()
_threads: list[threading.Thread] = []


def is_configured() -> bool:
    return ALIAS in connections.settings


def is_usable() -> bool:
    """Whether there is a replica that may be read from now. Costs nothing."""
    if not is_configured():
        return False
    if not _threads or not _threads[0].is_alive():  # of a process that was just forked, none is
        _start()
    return time.monotonic() < _State.usable_until


def is_within_lag() -> bool:
    """As far as this process knows, which may never have looked: for who has no other server to ask."""
    return is_configured() and not _State.is_excluded


def recheck_now() -> None:
    """Somebody was not answered: it is looked at now, as somebody who comes anew."""
    _State.must_reconnect = True
    _check_requested.set()


def _start() -> None:
    with _start_lock:
        if not _threads or not _threads[0].is_alive():
            _threads[:] = [threading.Thread(target=_run, daemon=True, name="replica")]
            _threads[0].start()


def _run() -> None:
    most_lag = float(settings.DATABASE_REPLICA_MOST_LAG)
    primary, replica = _Server(DEFAULT_DB_ALIAS, most_lag / 4), _Server(ALIAS, most_lag / 4)
    while True:
        check_once(primary, replica, most_lag)
        _check_requested.wait(most_lag / 2)
        _check_requested.clear()


class _Server:
    """A server, by a connection of the watcher's own."""

    def __init__(self, alias: str, timeout_seconds: float) -> None:
        self.alias, self.timeout_seconds = alias, timeout_seconds
        self.connection: TimeoutConnection | None = None

    def __call__(self, question: str, *values: Any) -> Any:
        """Raises psycopg.Error."""
        try:
            if self.connection is None:
                parameters = connections[self.alias].get_connection_params()
                self.connection = TimeoutConnection.connect(**parameters, autocommit=True)
                self.connection.timeout_seconds = self.timeout_seconds
            return self.connection.execute(question, values or None).fetchone()
        except psycopg.Error:
            self.forget()
            raise

    def forget(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def check_once(primary: _Server, replica: _Server, most_lag: float) -> None:
    """Once. What the log is told is told when it changes."""
    asked_at = time.monotonic()
    try:
        (written,) = primary(PRIMARY_LSN_SQL)
    except psycopg.Error:
        written = None
    if _State.must_reconnect or _State.is_excluded:
        _State.must_reconnect = False
        replica.forget()
    try:
        reason = _reason_to_skip(replica, written, until=asked_at + most_lag / 2)
    except psycopg.Error as error:
        reason = f"it does not answer ({str(error).strip().partition(chr(10))[0]})"
    if reason:
        _mark_unusable(reason)
    elif written:
        _mark_usable(until=asked_at + most_lag)
    elif not _State.is_excluded:  # nobody can write, so it is behind nothing; unless it was before
        _mark_usable(until=time.monotonic() + PRIMARY_OUTAGE_SECONDS)


def _reason_to_skip(replica: _Server, written: str | None, *, until: float) -> str:
    """Why it cannot be used; empty once it has come so far."""
    while True:
        is_replica, has_come_so_far = replica(REPLICA_CAUGHT_UP_SQL, written)
        if not is_replica:
            return "it is not a replica: it accepts writes"
        if has_come_so_far:
            return ""
        if time.monotonic() > until:
            return f"it is more than {settings.DATABASE_REPLICA_MOST_LAG} s behind"
        time.sleep(POLL_SECONDS)


def _mark_usable(*, until: float) -> None:
    _State.usable_until = until
    if _State.is_excluded:
        _State.is_excluded = False
        logger.warning("The replica is in use again.")


def _mark_unusable(reason: str) -> None:
    _State.usable_until = 0.0
    if not _State.is_excluded:
        _State.is_excluded = True
        logger.error("The replica is not used; pages are read from the primary: %s", reason)
