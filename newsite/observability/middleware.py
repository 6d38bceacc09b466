"""Request metrics and, with LOG_FORMAT=json, a log line per request without data of the reader."""

from __future__ import annotations

from collections.abc import Callable
import logging
import re
import secrets
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connections
from django.http import HttpRequest, HttpResponse

from newsite.http.middleware import is_trusted_proxy
from newsite.observability.logging import redact_path, request_id
from newsite.observability.metrics import count_request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

logger = logging.getLogger(__name__)


class QueryCounter:
    """Counter of the queries of one request."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Callable[..., Any], *call: Any) -> Any:
        self.number += 1
        return execute(*call)


def request_metrics_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count and log requests. Must be the first middleware, to see every response and the address of the proxy."""
    is_counting = bool(settings.METRICS_TOKEN or settings.METRICS_ALLOWED)
    is_logging = settings.LOG_FORMAT == "json"
    if not is_counting and not is_logging:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        of_request = request_id.set(_id_of(request))
        queries, started = QueryCounter(), time.perf_counter()
        wrappers = [connections[alias].execute_wrappers for alias in connections]
        for each in wrappers:
            each.append(queries)
        try:
            response = get_response(request)
            seconds = time.perf_counter() - started
            if is_counting:
                count_request(view_name(request), response.status_code, seconds, queries.number)
            if is_logging:
                _log(request, response, seconds, queries.number)
            if response.status_code >= 500:
                response["X-Request-Id"] = request_id.get()  # readers can quote it to the operator
        finally:
            for each in wrappers:
                each.remove(queries)
            request_id.reset(of_request)
        return response

    return middleware


def _id_of(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    is_ours = is_trusted_proxy(request.META.get("REMOTE_ADDR", "")) and _REQUEST_ID.fullmatch(given)
    return given if is_ours else secrets.token_hex(8)


def view_name(request: HttpRequest) -> str:
    """Return a name from urls.py; the admin has one name, and so have all unknown addresses."""
    match = request.resolver_match
    return "none" if match is None else match.namespace or match.url_name or "none"


def _log(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    said = {
        "method": request.method if request.method in _METHODS else "OTHER",
        "path": redact_path(request.path),
        "view": view_name(request),
        "status": response.status_code,
        "ms": round(seconds * 1000, 2),
        "queries": queries,
    }
    logger.info("request", extra={"said": said})


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
