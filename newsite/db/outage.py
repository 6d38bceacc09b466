"""Database outages: an immediate 503, one new attempt per second, and submitted forms returned to the reader.

The 503 allows caches to serve the stale page (stale-if-error). The log has one line when the outage begins and one
when it ends.
"""

from __future__ import annotations

from collections.abc import Callable
import logging
import select
import sqlite3
import time
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from newsite.db.replica.router import needs_no_primary
from newsite.observability.logging import redact_path
from newsite.pages.service_unavailable import outage_response

View = Callable[..., HttpResponseBase]

RETRY_INTERVAL_SECONDS = 1.0  # between attempts to connect during an outage; other requests fail immediately
PATHS_WITHOUT_DATABASE = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL, "/media/")
_SAFE_METHODS = {"GET", "HEAD"}
_MAX_DEAD_CONNECTIONS = 20  # at most, per thread, after a restart of the database
# SQLite raises OperationalError for everything. These codes are about its disk and its writers; others are bugs.
_SQLITE_OUTAGE_CODES = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
}

logger = logging.getLogger(__name__)


class _State:
    """State of this process."""

    is_away = False
    try_again_at = 0.0


def database_outage_middleware(get_response: View) -> View:
    """Answer 503 during an outage; replace the connections that a restart of the database broke.

    Unsafe requests cannot be repeated, so their connection is checked first, before other middleware uses it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not _State.is_away:
            return respond(request)
        if request.path_info.startswith(PATHS_WITHOUT_DATABASE) or needs_no_primary(request):
            return get_response(request)
        if time.monotonic() < _State.try_again_at:
            return outage_response(request)
        _State.try_again_at = time.monotonic() + RETRY_INTERVAL_SECONDS
        response = respond(request)
        if connection.connection is not None and not connection.errors_occurred and response.status_code != 503:
            _State.is_away = False
            logger.warning("The database answers again.")
        return response

    def respond(request: HttpRequest) -> HttpResponseBase:
        return (None if request.method in _SAFE_METHODS else _connection_failure(request)) or get_response(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]  # attributes that Django looks for
    middleware.process_exception = response_if_outage  # type: ignore[attr-defined]  # as above
    return middleware


def _connection_failure(request: HttpRequest) -> HttpResponse | None:
    """Return the 503 if the database does not accept connections."""
    try:
        _drop_dead_connections()
    except (OperationalError, InterfaceError) as error:
        if not is_outage(error):
            raise
        return handle_outage(request, error)
    return None


def process_view(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
    """Call the view of a safe request."""
    return call_with_retry(request, view, args, kwargs) if request.method in _SAFE_METHODS else None


def call_with_retry(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase:
    """Call the view of a safe request, and once more if the first attempt met a dead connection."""
    try:
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        if not is_outage(error):
            raise
        if _State.is_away or _is_connected():
            return handle_outage(request, error)
        return _second_attempt(request, view, args, kwargs)


def _second_attempt(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase:
    try:
        _drop_dead_connections()
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        return handle_outage(request, error)


def _drop_dead_connections() -> None:
    """Replace dead connections of this thread.

    Raise OperationalError if the database does not accept connections.
    """
    for _number in range(_MAX_DEAD_CONNECTIONS):
        connection.ensure_connection()
        if not _has_unread_data() or connection.is_usable():
            return
        connection.close()


def _has_unread_data() -> bool:
    """Return whether the server sent data without a query, which nearly always means that it closed the connection.

    No query is sent for this.
    """
    if connection.vendor != "postgresql" or connection.connection.closed:
        return True
    heard = select.poll()
    heard.register(connection.connection.fileno(), select.POLLIN)
    return bool(heard.poll(0))


def _is_connected() -> bool:
    return connection.connection is not None and bool(connection.is_usable())


def is_outage(error: BaseException | None) -> bool:
    """Return whether the error means that the database is unavailable, as opposed to a faulty query."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    code: int | None = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _SQLITE_OUTAGE_CODES


def response_if_outage(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    return handle_outage(request, error) if error and is_outage(error) else None


def handle_outage(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Log the error and return the 503.

    If the connection still works (for example, the disk is full), other requests continue to use the database.
    """
    reason = str(error).strip().partition("\n")[0]
    if _is_connected():
        logger.error("The database failed: %s (%s %s)", reason, request.method, redact_path(request.path))
        return outage_response(request)
    _State.try_again_at = time.monotonic() + RETRY_INTERVAL_SECONDS
    if not _State.is_away:
        _State.is_away = True
        logger.error("The database does not answer: %s", reason)
    return outage_response(request)
