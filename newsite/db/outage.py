"""Database outages: an immediate 503, one new attempt per second, and submitted forms returned to the reader.

The log has one line when an outage begins and one when it ends.
"""

from __future__ import annotations

from collections.abc import Callable
import logging
from sqlite3 import SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_LOCKED, SQLITE_READONLY
import time
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from newsite.db.replica.router import needs_no_primary
from newsite.observability.logging import redact_path
from newsite.pages.service_unavailable import outage_response

RETRY_INTERVAL_SECONDS = 1.0  # between attempts to connect during an outage; other requests fail immediately
PATHS_WITHOUT_DATABASE = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL, "/media/")
# SQLite raises OperationalError for everything. These codes are about its disk and its writers; others are bugs.
_SQLITE_CODES = {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN}

logger = logging.getLogger(__name__)


class _State:  # of this process
    is_down = False
    try_again_at = 0.0


class DatabaseOutageMiddleware:
    """Answer 503 during an outage; replace the connections that a restart of the database broke.

    A safe request is repeated. Others cannot be, so their connection is checked before other middleware uses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _State.is_down:
            if request.path_info.startswith(PATHS_WITHOUT_DATABASE) or needs_no_primary(request):
                return self.get_response(request)
            if time.monotonic() < _State.try_again_at:
                return outage_response(request)
            _State.try_again_at = time.monotonic() + RETRY_INTERVAL_SECONDS
        elif request.method in {"GET", "HEAD"}:
            return self.get_response(request)
        return call_view(request, self.get_response, (), {}, connect=True)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        return call_view(request, view, args, kwargs) if request.method in {"GET", "HEAD"} else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return handle_outage(request, error)


def call_view(request: HttpRequest, view: Any, args: Any, kwargs: Any, *, connect: bool = False) -> HttpResponseBase:
    """Call the view, again if it met a dead connection; with `connect`, replace that first. Return 503 in an outage."""
    try:
        if connect and not _is_connected():
            connection.close()
            connection.ensure_connection()
        if connect and _State.is_down:
            _State.is_down = False
            logger.warning("The database answers again.")
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        if not connect and not _is_connected():
            return call_view(request, view, args, kwargs, connect=True)
        if response := handle_outage(request, error):
            return response
        raise


def _is_connected() -> bool:
    return connection.connection is not None and bool(connection.is_usable())


def handle_outage(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Log an outage and return the 503; return None for other errors. Only a lost connection stops other requests."""
    code = getattr(error and error.__cause__, "sqlite_errorcode", SQLITE_IOERR)  # PostgreSQL: always an outage
    if not isinstance(error, (OperationalError, InterfaceError)) or code & 0xFF not in _SQLITE_CODES:
        return None
    reason = str(error).strip().partition("\n")[0]
    if _is_connected():
        logger.error("The database failed: %s (%s %s)", reason, request.method, redact_path(request.path))
        return outage_response(request)
    if not _State.is_down:
        logger.error("The database does not answer: %s", reason)
    _State.is_down, _State.try_again_at = True, time.monotonic() + RETRY_INTERVAL_SECONDS
    return outage_response(request)
