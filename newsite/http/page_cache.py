"""Pages and parts of pages, kept under the versions of what they show.

Nothing is ever purged: when the content moves, its version moves, and with it the key. The release is part of every
key too, so changed templates and code need no purge either.
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
from newsite.observability.counters import PAGE_CACHE_LOOKUPS, count

Value = TypeVar("Value")

# Shared caches may keep a page for a second and show it for one more while they ask anew: what an editor or a
# moderator does is seen by everyone within two. If we are down, an old page is better than none: for a day, but never
# longer than it may be shown at all.
FRESH_SECONDS, STALE_SECONDS, STALE_IF_ERROR_SECONDS = 1, 1, 24 * 60 * 60  # seconds
_ROUNDING_SECONDS = 1  # caches count in those: what they may keep for one they may keep for nearly two


@dataclass(frozen=True)
class Expiry:
    """When a page becomes another by the clock alone: at the time `changes` it would look different, from `ends` on it
    may not be shown any more, not even if we are down. None: never, as far as anybody has planned.
    """

    changes_at: datetime | None = None
    expires_at: datetime | None = None

    def seconds_left(self, *, expiry_only: bool = False) -> float:
        """Seconds from now on."""
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
    """The page under these versions: not sent if the client has it, not made, nor compressed, if we have it."""

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
    """A page under these versions that is made each time: not sent if the client has it, unless it tells of a fault.

    `make` is given nothing of the request, so that the page is the same for everyone. The ETag is a weak one: two
    workers that make the same page put the time at which each made it into the form.
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
    """`page` makes it in an encoding."""
    etag = f'W/"{_key(versions)}"'
    response = get_conditional_response(request, etag=etag) if status == 200 else None
    if response is None:
        encoding = preferred_encoding(request.headers.get("Accept-Encoding", ""))
        response = HttpResponse(page(encoding), content_type=content_type, status=status)
        if encoding:
            response["Content-Encoding"] = encoding
    response["ETag"] = etag
    response["Cache-Control"] = cache_control(expiry)
    response["X-Accel-Expires"] = _accel_expires(expiry)  # after Cache-Control: nginx takes what comes last
    response["Vary"] = "Accept-Encoding"
    return response


def make_not_found_cacheable(response: HttpResponse) -> None:
    """What caches are told of a page that is not there: to keep that, else they would show the page as it was once more
    when we are down. Not a moment longer than they have to: it may be published at the next.
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
    """For shared caches: how long they may show the page without asking, which never outlives what is due."""
    return _directives(
        _seconds_to_keep(expiry.seconds_left()),
        _seconds_to_keep(expiry.seconds_left(expiry_only=True)),
        fresh,
        stale,
        if_error,
    )


@lru_cache(maxsize=100)  # hardly any page has anything due
def _directives(room: int, room_until_the_end: int, fresh: int, stale: int, if_error: int) -> str:
    kept_fresh, kept_stale = min(fresh, room), min(stale, max(0, room - fresh))
    directives = ["public", "max-age=0", f"s-maxage={kept_fresh}"]
    directives += [f"stale-while-revalidate={kept_stale}"] if kept_stale else []
    kept_if_down = max(0, min(if_error, room_until_the_end - kept_fresh))
    directives += [f"stale-if-error={kept_if_down}"] if kept_if_down else []
    return ", ".join(directives)


def _accel_expires(expiry: Expiry) -> str:
    """nginx alone reads this. Its seconds are those of the clock: what it may keep for one, and show for one more, it
    would show for nearly three; and a 304 that says s-maxage=0 it takes for another second of what it has.
    """
    return f"@{int(time.time()) + min(FRESH_SECONDS, _seconds_to_keep(expiry.seconds_left())) - 1}"


def _seconds_to_keep(seconds: float) -> int:
    return max(0, int(min(seconds, 10 * STALE_IF_ERROR_SECONDS)) - _ROUNDING_SECONDS)


def get_or_build(versions: tuple[Hashable, ...], make: Callable[[], Value], *, cache: str = "default") -> Value:
    key = _key(versions)
    value: Value | None = caches[cache].get(key)
    if cache == "pages":
        count(PAGE_CACHE_LOOKUPS, "miss" if value is None else "hit")
    if value is None:
        value = make()
        caches[cache].set(key, value)
    return value


def _key(versions: tuple[Hashable, ...]) -> str:
    return hashlib.sha256(repr((settings.RELEASE, *versions)).encode()).hexdigest()[:40]
