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
from newsite.db.replica.base import Impatient

ASK_AGAIN_AFTER = 0.05  # seconds, while it is behind
WITHOUT_PRIMARY = 10.0  # seconds for which it is good where nobody can write: longer than to find that out once more
WRITTEN = "SELECT pg_current_wal_flush_lsn()::text"
HAS_COME_SO_FAR = "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= coalesce(%s::pg_lsn, '0/0')"

logger = logging.getLogger(__name__)


class _State:
    """Of this process; changed by its watcher alone, but for the doubt."""

    good_until = 0.0
    is_left_out = False
    is_in_doubt = False


_look_now = threading.Event()
_beginning = threading.Lock()
_watchers: list[threading.Thread] = []


def is_there() -> bool:
    return ALIAS in connections.settings


def is_good() -> bool:
    """Whether there is a replica that may be read from now. Costs nothing."""
    if not is_there():
        return False
    if not _watchers or not _watchers[0].is_alive():  # of a process that was just forked, none is
        _begin()
    return time.monotonic() < _State.good_until


def is_not_late() -> bool:
    """As far as this process knows, which may never have looked: for who has no other server to ask."""
    return is_there() and not _State.is_left_out


def doubt() -> None:
    """Somebody was not answered: it is looked at now, as somebody who comes anew."""
    _State.is_in_doubt = True
    _look_now.set()


def _begin() -> None:
    with _beginning:
        if not _watchers or not _watchers[0].is_alive():
            _watchers[:] = [threading.Thread(target=_go_on_looking, daemon=True, name="replica")]
            _watchers[0].start()


def _go_on_looking() -> None:
    most_lag = float(settings.DATABASE_REPLICA_MOST_LAG)
    primary, replica = _Asked(DEFAULT_DB_ALIAS, most_lag / 4), _Asked(ALIAS, most_lag / 4)
    while True:
        look(primary, replica, most_lag)
        _look_now.wait(most_lag / 2)
        _look_now.clear()


class _Asked:
    """A server, by a connection of the watcher's own."""

    def __init__(self, alias: str, patience: float) -> None:
        self.alias, self.patience = alias, patience
        self.connection: Impatient | None = None

    def __call__(self, question: str, *values: Any) -> Any:
        """Raises psycopg.Error."""
        try:
            if self.connection is None:
                parameters = connections[self.alias].get_connection_params()
                self.connection = Impatient.connect(**parameters, autocommit=True)
                self.connection.patience = self.patience
            return self.connection.execute(question, values or None).fetchone()
        except psycopg.Error:
            self.forget()
            raise

    def forget(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def look(primary: _Asked, replica: _Asked, most_lag: float) -> None:
    """Once. What the log is told is told when it changes."""
    asked_at = time.monotonic()
    try:
        (written,) = primary(WRITTEN)
    except psycopg.Error:
        written = None
    if _State.is_in_doubt or _State.is_left_out:
        _State.is_in_doubt = False
        replica.forget()
    try:
        reason = _wait_for(replica, written, until=asked_at + most_lag / 2)
    except psycopg.Error as error:
        reason = f"it does not answer ({str(error).strip().partition(chr(10))[0]})"
    if reason:
        _leave_out(reason)
    elif written:
        _take(until=asked_at + most_lag)
    elif not _State.is_left_out:  # nobody can write, so it is behind nothing; unless it was before
        _take(until=time.monotonic() + WITHOUT_PRIMARY)


def _wait_for(replica: _Asked, written: str | None, *, until: float) -> str:
    """Why it cannot be used; empty once it has come so far."""
    while True:
        is_replica, has_come_so_far = replica(HAS_COME_SO_FAR, written)
        if not is_replica:
            return "it is not a replica: it accepts writes"
        if has_come_so_far:
            return ""
        if time.monotonic() > until:
            return f"it is more than {settings.DATABASE_REPLICA_MOST_LAG} s behind"
        time.sleep(ASK_AGAIN_AFTER)


def _take(*, until: float) -> None:
    _State.good_until = until
    if _State.is_left_out:
        _State.is_left_out = False
        logger.warning("The replica is in use again.")


def _leave_out(reason: str) -> None:
    _State.good_until = 0.0
    if not _State.is_left_out:
        _State.is_left_out = True
        logger.error("The replica is not used; pages are read from the primary: %s", reason)
