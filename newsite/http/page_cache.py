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

from newsite.http.compression import accepted, compressed
from newsite.observability.counters import STORED_PAGES, count

Value = TypeVar("Value")

# Shared caches may keep a page for a second and show it for one more while they ask anew: what an editor or a
# moderator does is seen by everyone within two. If we are down, an old page is better than none: for a day, but never
# longer than it may be shown at all.
FRESH, STALE, IF_WE_ARE_DOWN = 1, 1, 24 * 60 * 60  # seconds
_WHOLE_SECONDS = 1  # caches count in those: what they may keep for one they may keep for nearly two


@dataclass(frozen=True)
class Due:
    """When a page becomes another by the clock alone: at the time `changes` it would look different, from `ends` on it
    may not be shown any more, not even if we are down. None: never, as far as anybody has planned.
    """

    changes: datetime | None = None
    ends: datetime | None = None

    def is_in(self, *, ends_matter_only: bool = False) -> float:
        """Seconds from now on."""
        moments = [at for at in ([self.ends] if ends_matter_only else [self.ends, self.changes]) if at]
        return (min(moments) - timezone.now()).total_seconds() if moments else float("inf")


NOTHING_DUE = Due()


def stored_page(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    make: Callable[[], str | bytes],
    *,
    content_type: str | None = None,
    due: Due = NOTHING_DUE,
) -> HttpResponse:
    """The page under these versions: not sent if the client has it, not made, nor compressed, if we have it."""

    def page(encoding: str) -> bytes:
        if encoding:
            return kept((*versions, encoding), lambda: compressed(page(""), encoding), cache="pages")
        return kept(versions, lambda: force_bytes(make()), cache="pages")

    return _answer(request, versions, page, content_type=content_type, due=due)


def public_page(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    make: Callable[[], str | bytes],
    *,
    content_type: str | None = None,
    status: int = 200,
    due: Due = NOTHING_DUE,
) -> HttpResponse:
    """A page under these versions that is made each time: not sent if the client has it, unless it tells of a fault.

    `make` is given nothing of the request, so that the page is the same for everyone. The ETag is a weak one: two
    workers that make the same page put the time at which each made it into the form.
    """

    def page(encoding: str) -> bytes:
        return compressed(force_bytes(make()), encoding)

    return _answer(request, versions, page, content_type=content_type, status=status, due=due)


def _answer(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    page: Callable[[str], bytes],
    *,
    content_type: str | None,
    due: Due,
    status: int = 200,
) -> HttpResponse:
    """`page` makes it in an encoding."""
    etag = f'W/"{_key(versions)}"'
    response = get_conditional_response(request, etag=etag) if status == 200 else None
    if response is None:
        encoding = accepted(request.headers.get("Accept-Encoding", ""))
        response = HttpResponse(page(encoding), content_type=content_type, status=status)
        if encoding:
            response["Content-Encoding"] = encoding
    response["ETag"] = etag
    response["Cache-Control"] = cache_control(due)
    response["X-Accel-Expires"] = _nginx_asks_at(due)  # after Cache-Control: nginx takes what comes last
    response["Vary"] = "Accept-Encoding"
    return response


def in_place_of_a_page(response: HttpResponse) -> None:
    """What caches are told of a page that is not there: to keep that, else they would show the page as it was once more
    when we are down. Not a moment longer than they have to: it may be published at the next.
    """
    del response["Expires"]
    response["Cache-Control"] = cache_control(stale=0)
    response["X-Accel-Expires"] = _nginx_asks_at(NOTHING_DUE)


def cache_control(
    due: Due = NOTHING_DUE, *, fresh: int = FRESH, stale: int = STALE, if_down: int = IF_WE_ARE_DOWN
) -> str:
    """For shared caches: how long they may show the page without asking, which never outlives what is due."""
    return _directives(_room(due.is_in()), _room(due.is_in(ends_matter_only=True)), fresh, stale, if_down)


@lru_cache(maxsize=100)  # hardly any page has anything due
def _directives(room: int, room_until_the_end: int, fresh: int, stale: int, if_down: int) -> str:
    kept_fresh, kept_stale = min(fresh, room), min(stale, max(0, room - fresh))
    directives = ["public", "max-age=0", f"s-maxage={kept_fresh}"]
    directives += [f"stale-while-revalidate={kept_stale}"] if kept_stale else []
    kept_if_down = max(0, min(if_down, room_until_the_end - kept_fresh))
    directives += [f"stale-if-error={kept_if_down}"] if kept_if_down else []
    return ", ".join(directives)


def _nginx_asks_at(due: Due) -> str:
    """nginx alone reads this. Its seconds are those of the clock: what it may keep for one, and show for one more, it
    would show for nearly three; and a 304 that says s-maxage=0 it takes for another second of what it has.
    """
    return f"@{int(time.time()) + min(FRESH, _room(due.is_in())) - 1}"


def _room(seconds: float) -> int:
    return max(0, int(min(seconds, 10 * IF_WE_ARE_DOWN)) - _WHOLE_SECONDS)


def kept(versions: tuple[Hashable, ...], make: Callable[[], Value], *, cache: str = "default") -> Value:
    key = _key(versions)
    value: Value | None = caches[cache].get(key)
    if cache == "pages":
        count(STORED_PAGES, "miss" if value is None else "hit")
    if value is None:
        value = make()
        caches[cache].set(key, value)
    return value


def _key(versions: tuple[Hashable, ...]) -> str:
    return hashlib.sha256(repr((settings.RELEASE, *versions)).encode()).hexdigest()[:40]
