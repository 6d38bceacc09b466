"""When the database does not answer: said at once, tried again once a second, and what was sent is given back.

Caches in front take the 503 as their leave to show the page as it was (stale-if-error). The log says in one line
when the database went away, and in one when it came back.
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
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from comments.text.clean import remove_controls
from newsite.db.replica.router import needs_no_primary
from newsite.observability.logging import redact_path

View = Callable[..., HttpResponseBase]

RETRY_INTERVAL_SECONDS = 1.0  # seconds in which nobody waits for the database, after it did not answer
RETRY_AFTER_SECONDS = 10  # seconds; what we ask of browsers and programs
PATHS_WITHOUT_DATABASE = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL, "/media/")
RETURNED_FIELDS = ("comment", "text", "note", "name")  # what a person typed; in this order
_SAFE_METHODS = {"GET", "HEAD"}
_MAX_DEAD_CONNECTIONS = 20  # that there may be after a restart
# SQLite calls everything an OperationalError; these are its disk and its writers, the others are ours.
_SQLITE_OUTAGE_CODES = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
}

logger = logging.getLogger(__name__)


class _State:
    """Of this process."""

    is_away = False
    try_again_at = 0.0


def database_outage_middleware(get_response: View) -> View:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not _State.is_away or request.path_info.startswith(PATHS_WITHOUT_DATABASE) or needs_no_primary(request):
            return get_response(request)
        if time.monotonic() < _State.try_again_at:
            return outage_response(request)
        _State.try_again_at = time.monotonic() + RETRY_INTERVAL_SECONDS
        response = get_response(request)
        if connection.connection is not None and not connection.errors_occurred and response.status_code != 503:
            _State.is_away = False
            logger.warning("The database answers again.")
        return response

    middleware.process_view = process_view  # type: ignore[attr-defined]  # the doors that Django looks for
    middleware.process_exception = response_if_outage  # type: ignore[attr-defined]  # likewise
    return middleware


def process_view(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
    """A restart of the database leaves dead connections behind: no form is begun on one."""
    if request.method in _SAFE_METHODS:
        return call_with_retry(request, view, args, kwargs)
    try:
        _drop_dead_connections()
    except (OperationalError, InterfaceError) as error:
        if not is_outage(error):
            raise
        return handle_outage(request, error)
    return None


def call_with_retry(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase:
    """Whoever reads is answered by a second attempt where the first met a dead connection."""
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
    """Raises OperationalError if there is no live one to be had."""
    for _number in range(_MAX_DEAD_CONNECTIONS):
        connection.ensure_connection()
        if not _has_unread_data() or connection.is_usable():
            return
        connection.close()


def _has_unread_data() -> bool:
    """Unasked, it hardly ever says anything but that the connection is over. To look for that asks nothing of it."""
    if connection.vendor != "postgresql" or connection.connection.closed:
        return True
    heard = select.poll()
    heard.register(connection.connection.fileno(), select.POLLIN)
    return bool(heard.poll(0))


def _is_connected() -> bool:
    return connection.connection is not None and bool(connection.is_usable())


def is_outage(error: BaseException | None) -> bool:
    """Whether this says that the database cannot be used now, and not that we asked for what is not there."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    code: int | None = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _SQLITE_OUTAGE_CODES


def response_if_outage(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    return handle_outage(request, error) if error and is_outage(error) else None


def handle_outage(request: HttpRequest, error: BaseException) -> HttpResponse:
    """If it is only this that the database cannot do (its disk is full), others are not kept from asking."""
    reason = str(error).strip().partition("\n")[0]
    if _is_connected():
        logger.error("The database failed: %s (%s %s)", reason, request.method, redact_path(request.path))
        return outage_response(request)
    _State.try_again_at = time.monotonic() + RETRY_INTERVAL_SECONDS
    if not _State.is_away:
        _State.is_away = True
        logger.error("The database does not answer: %s", reason)
    return outage_response(request)


def outage_response(request: HttpRequest) -> HttpResponse:
    """In the site's look, with all that was sent from a public form to send it once more."""
    given = {} if request.path_info.startswith("/admin/") else request.POST
    sent = [(remove_controls(name), remove_controls(value)) for name, value in given.items()]
    filled_in = sorted(
        (item for item in sent if item[0] in RETURNED_FIELDS), key=lambda item: RETURNED_FIELDS.index(item[0])
    )
    if filled_in:
        text = _("We couldn’t post this yet. Your text is below – please try again in a moment.")
    elif request.method in _SAFE_METHODS:
        text = _("We’re having technical problems. Please try again in a moment.")
    else:
        text = _("We couldn’t do that yet. Please try again in a moment.")
    context = {
        "site_name": settings.SITE_NAME,
        "headline": _("We’ll be back shortly."),
        "text": text,
        "action": request.get_full_path(),
        "filled_in": filled_in,
        "hidden": [item for item in sent if item[0] not in RETURNED_FIELDS],
    }
    headers = {"Cache-Control": "no-store", "Retry-After": str(RETRY_AFTER_SECONDS)}
    response = HttpResponse(render_to_string("away.html", context), status=503, headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django would say so at every request
    return response
