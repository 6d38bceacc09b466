"""Monitor of the replica: a thread per process checks whether pages may be read from it, so that no request waits.

It reads the WAL position of the primary, then waits until the replica has replayed it. From the time of the first
query, reads from the replica are then at most DATABASE_REPLICA_MAX_LAG seconds old. This needs no clock of another
host, and an idle primary does not look like lag. If the thread stops, the replica is no longer used.
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

POLL_SECONDS = 0.05  # while the replica is behind
PRIMARY_OUTAGE_SECONDS = (
    10.0  # seconds for which the replica stays usable while the primary is down; longer than one check
)
PRIMARY_LSN_SQL = "SELECT pg_current_wal_flush_lsn()::text"
REPLICA_CAUGHT_UP_SQL = "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= coalesce(%s::pg_lsn, '0/0')"

logger = logging.getLogger(__name__)


class _State:
    """State of this process; changed by the monitor thread only, except `must_reconnect`."""

    usable_until = 0.0
    is_excluded = False
    must_reconnect = False


_check_requested = threading.Event()
_start_lock = threading.Lock()
_threads: list[threading.Thread] = []


def is_configured() -> bool:
    return ALIAS in connections.settings


def is_usable() -> bool:
    """Return whether the replica may be read now. Needs no query."""
    if not is_configured():
        return False
    if not _threads or not _threads[0].is_alive():  # threads do not survive a fork
        _start()
    return time.monotonic() < _State.usable_until


def is_within_lag() -> bool:
    """Return whether the replica was not excluded, for requests that have no other server.

    True also if this process never checked it.
    """
    return is_configured() and not _State.is_excluded


def recheck_now() -> None:
    """Check the replica immediately and with a new connection, after a failed query."""
    _State.must_reconnect = True
    _check_requested.set()


def _start() -> None:
    with _start_lock:
        if not _threads or not _threads[0].is_alive():
            _threads[:] = [threading.Thread(target=_run, daemon=True, name="replica")]
            _threads[0].start()


def _run() -> None:
    most_lag = float(settings.DATABASE_REPLICA_MAX_LAG)
    primary, replica = _Server(DEFAULT_DB_ALIAS, most_lag / 4), _Server(ALIAS, most_lag / 4)
    while True:
        check_once(primary, replica, most_lag)
        _check_requested.wait(most_lag / 2)
        _check_requested.clear()


class _Server:
    """Server with a connection of the monitor's own."""

    def __init__(self, alias: str, timeout_seconds: float) -> None:
        self.alias, self.timeout_seconds = alias, timeout_seconds
        self.connection: TimeoutConnection | None = None

    def __call__(self, question: str, *values: Any) -> Any:
        """Run a query and return one row.

        Raise psycopg.Error.
        """
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
    """Check the replica once, and log changes of its state."""
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
    elif not _State.is_excluded:  # without a primary, there are no writes to lag behind
        _mark_usable(until=time.monotonic() + PRIMARY_OUTAGE_SECONDS)


def _reason_to_skip(replica: _Server, written: str | None, *, until: float) -> str:
    """Return why the replica cannot be used; empty once it has caught up."""
    while True:
        is_replica, has_come_so_far = replica(REPLICA_CAUGHT_UP_SQL, written)
        if not is_replica:
            return "it is not a replica: it accepts writes"
        if has_come_so_far:
            return ""
        if time.monotonic() > until:
            return f"it is more than {settings.DATABASE_REPLICA_MAX_LAG} s behind"
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
