"""Middleware that drops requests whose client has gone, or that waited too long for a free thread.

gunicorn processes requests in the order of their arrival, including those that nginx has given up. After a flood it
would spend minutes on responses that no client reads.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
import logging
import select
from threading import Lock
import time

from django.http import HttpRequest, HttpResponse

from newsite.http.middleware import is_trusted_proxy
from newsite.observability.metrics import DROPPED_REQUESTS
from newsite.pages.service_unavailable import outage_response

View = Callable[[HttpRequest], HttpResponse]

MAX_WAIT_SECONDS = 10  # nginx gives up after 30 (proxy_read_timeout in deploy/nginx.conf)
LOG_INTERVAL_SECONDS = 60
CLIENT_CLOSED_REQUEST = 499  # as nginx logs it; nothing is sent
_PEER_CLOSED = getattr(select, "POLLRDHUP", 0)  # Linux; elsewhere POLLHUP, which poll always reports

logger = logging.getLogger(__name__)


def stale_request_middleware(get_response: View) -> View:
    """Drop stale requests. Must come before `trusted_proxy_middleware`, which replaces the address of the proxy.

    Only headers of trusted proxies are used. The response to a late form returns its text. The text of an abandoned
    form is still in the browser.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
            return get_response(request)
        if is_abandoned(request):
            _count_drop("abandoned")
            return HttpResponse(status=CLIENT_CLOSED_REQUEST)
        if seconds_waited(request) > MAX_WAIT_SECONDS:
            _count_drop("late")
            return outage_response(request)
        return get_response(request)

    return middleware


def is_abandoned(request: HttpRequest) -> bool:
    """Return whether the proxy has closed the connection.

    `poll` detects that even if there are unread bytes: the body of a form, or the next request of a persistent
    connection.
    """
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        return False
    poll = select.poll()
    try:
        poll.register(connection, _PEER_CLOSED)
    except ValueError:  # closed by gunicorn
        return True
    return bool(poll.poll(0))


def seconds_waited(request: HttpRequest) -> float:
    """Return the seconds since nginx passed the request on (X-Request-Start), or 0 if unknown.

    The header of a proxy on another host is ignored: a clock difference of some seconds would drop every request.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if peer and not ip_address(peer).is_loopback:
        return 0
    try:
        return time.time() - float(request.META.get("HTTP_X_REQUEST_START", ""))
    except ValueError:
        return 0


class _Log:
    """Number of drops since the last log line."""

    lock = Lock()
    drops = 0
    next_at = 0.0


def _count_drop(cause: str) -> None:
    DROPPED_REQUESTS.labels(cause).inc()
    with _Log.lock:
        _Log.drops += 1
        if time.monotonic() < _Log.next_at:
            return
        drops, _Log.drops, _Log.next_at = _Log.drops, 0, time.monotonic() + LOG_INTERVAL_SECONDS
    logger.warning("Requests dropped because the client had gone or they had waited too long: %d", drops)
