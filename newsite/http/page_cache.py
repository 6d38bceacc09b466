"""Cache of pages and parts of pages, with the versions of their content as keys.

Nothing is ever purged: a change of the content changes its version, and so the key. Every key also contains the
release, so changed templates and code need no purge either.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
import hashlib
import time
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.encoding import force_bytes

from newsite.http.compression import compress, preferred_encoding
from newsite.observability.metrics import PAGE_CACHE_LOOKUPS

Value = TypeVar("Value")

# Shared caches may keep a page for one second and serve it stale for one more while they revalidate: every reader
# sees a change within two seconds. In an outage, caches may serve a stale page for a day, but never beyond its
# expiry.
FRESH_SECONDS, STALE_SECONDS, STALE_IF_ERROR_SECONDS = 1, 1, 24 * 60 * 60  # seconds
_ROUNDING_SECONDS = 1  # caches count whole seconds, so one second can last nearly two


@dataclass(frozen=True)
class Expiry:
    """Times at which the clock alone changes a page.

    At `changes_at` the page would look different. From `expires_at` on it must not be shown, not even in an outage.
    None means that no time is known.
    """

    changes_at: datetime | None = None
    expires_at: datetime | None = None

    def seconds_left(self, *, expiry_only: bool = False) -> float:
        """Return the seconds from now on."""
        moments = [at for at in ([self.expires_at] if expiry_only else [self.expires_at, self.changes_at]) if at]
        return (min(moments) - timezone.now()).total_seconds() if moments else float("inf")


NO_EXPIRY = Expiry()


def cached_page(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    make: Callable[[], str | bytes],
    *,
    content_type: str | None = None,
    expiry: Expiry = NO_EXPIRY,
) -> HttpResponse:
    """Return the page with these versions: 304 if the client has it, from the cache if stored there, else rendered."""

    def page(encoding: str) -> bytes:
        if encoding:
            return get_or_build((*versions, encoding), lambda: compress(page(""), encoding), cache="pages")
        return get_or_build(versions, lambda: force_bytes(make()), cache="pages")

    return _answer(request, versions, page, content_type=content_type, expiry=expiry)


def conditional_page(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    make: Callable[[], str | bytes],
    *,
    content_type: str | None = None,
    status: int = 200,
    expiry: Expiry = NO_EXPIRY,
) -> HttpResponse:
    """Return a page that is rendered for each request: 304 if the client has it and the status is 200.

    `make` does not get the request, so the page is the same for all readers. The ETag is weak, because each worker
    puts its own time of rendering into the form.
    """

    def page(encoding: str) -> bytes:
        return compress(force_bytes(make()), encoding)

    return _answer(request, versions, page, content_type=content_type, status=status, expiry=expiry)


def _answer(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    page: Callable[[str], bytes],
    *,
    content_type: str | None,
    expiry: Expiry,
    status: int = 200,
) -> HttpResponse:
    """Build the response; `page` returns the body in an encoding."""
    etag = f'W/"{_key(versions)}"'
    response = get_conditional_response(request, etag=etag) if status == 200 else None
    if response is None:
        encoding = preferred_encoding(request.headers.get("Accept-Encoding", ""))
        response = HttpResponse(page(encoding), content_type=content_type, status=status)
        if encoding:
            response["Content-Encoding"] = encoding
    response["ETag"] = etag
    response["Cache-Control"] = cache_control(expiry)
    response["X-Accel-Expires"] = _accel_expires(expiry)  # after Cache-Control: nginx uses the last one
    response["Vary"] = "Accept-Encoding"
    return response


def make_not_found_cacheable(response: HttpResponse) -> None:
    """Let caches store a 404, so that they do not serve the former page in an outage.

    The time is the shortest possible, because the page may be published at any moment.
    """
    del response["Expires"]
    response["Cache-Control"] = cache_control(stale=0)
    response["X-Accel-Expires"] = _accel_expires(NO_EXPIRY)


def cache_control(
    expiry: Expiry = NO_EXPIRY,
    *,
    fresh: int = FRESH_SECONDS,
    stale: int = STALE_SECONDS,
    if_error: int = STALE_IF_ERROR_SECONDS,
) -> str:
    """Return the Cache-Control header for shared caches, within the limits of the expiry."""
    return _directives(
        _seconds_to_keep(expiry.seconds_left()),
        _seconds_to_keep(expiry.seconds_left(expiry_only=True)),
        fresh,
        stale,
        if_error,
    )


@lru_cache(maxsize=100)  # few pages have an expiry
def _directives(room: int, room_until_the_end: int, fresh: int, stale: int, if_error: int) -> str:
    kept_fresh, kept_stale = min(fresh, room), min(stale, max(0, room - fresh))
    directives = ["public", "max-age=0", f"s-maxage={kept_fresh}"]
    directives += [f"stale-while-revalidate={kept_stale}"] if kept_stale else []
    kept_if_down = max(0, min(if_error, room_until_the_end - kept_fresh))
    directives += [f"stale-if-error={kept_if_down}"] if kept_if_down else []
    return ", ".join(directives)


def _accel_expires(expiry: Expiry) -> str:
    """Return the absolute expiry for nginx, as X-Accel-Expires.

    nginx counts in seconds of the clock. With relative seconds, it would serve a page for nearly three seconds
    instead of two, and would extend it by another second after a 304 with s-maxage=0.
    """
    return f"@{int(time.time()) + min(FRESH_SECONDS, _seconds_to_keep(expiry.seconds_left())) - 1}"


def _seconds_to_keep(seconds: float) -> int:
    return max(0, int(min(seconds, 10 * STALE_IF_ERROR_SECONDS)) - _ROUNDING_SECONDS)


def get_or_build(versions: tuple[Hashable, ...], make: Callable[[], Value], *, cache: str = "default") -> Value:
    """Return the cached value, else make and store it. It must be bytes or JSON (newsite/cache/serializer.py)."""
    key = _key(versions)
    value: Value | None = caches[cache].get(key)
    if cache == "pages":
        PAGE_CACHE_LOOKUPS.labels("miss" if value is None else "hit").inc()
    if value is None:
        value = make()
        caches[cache].set(key, value)
    return value


def _key(versions: tuple[Hashable, ...]) -> str:
    return hashlib.sha256(repr((settings.BUILD_ID, *versions)).encode()).hexdigest()[:40]
