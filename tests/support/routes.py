"""Routes of the site, without those of the admin."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def site_routes(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Yield all patterns, including those of included modules, whose prefix is empty."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield each
        elif each.app_name != "admin":
            assert str(each.pattern) == ""
            yield from site_routes(each)
