"""Pages and parts of pages, kept under the versions of what they show.

Nothing is ever purged: when the content moves, its version moves, and with it the key. The release is part of every
key too, so changed templates and code need no purge either.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
import hashlib
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

Value = TypeVar("Value")

# Shared caches may keep a page for a second and show it for one more while they ask anew: what an editor or a
# moderator does is seen by everyone within two. If we are down, an old page is better than none.
PUBLIC = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"


def stored_page(
    request: HttpRequest, versions: tuple[Hashable, ...], make: Callable[[], str], *, content_type: str | None = None
) -> HttpResponse:
    """The page under these versions: not sent if the client has it, not made if we have it."""
    return public_page(request, versions, lambda: kept(versions, make, cache="pages"), content_type=content_type)


def public_page(
    request: HttpRequest,
    versions: tuple[Hashable, ...],
    make: Callable[[], str],
    *,
    content_type: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page under these versions that is made each time: not sent if the client has it, unless it tells of a fault.

    `make` is given nothing of the request, so that the page is the same for everyone. The ETag is a weak one: two
    workers that make the same page put the time at which each made it into the form.
    """
    etag = f'W/"{_key(versions)}"'
    response = get_conditional_response(request, etag=etag) if status == 200 else None
    if response is None:
        response = HttpResponse(make(), content_type=content_type, status=status)
    response["ETag"] = etag
    response["Cache-Control"] = PUBLIC
    return response


def kept(versions: tuple[Hashable, ...], make: Callable[[], Value], *, cache: str = "default") -> Value:
    key = _key(versions)
    value: Value | None = caches[cache].get(key)
    if value is None:
        value = make()
        caches[cache].set(key, value)
    return value


def _key(versions: tuple[Hashable, ...]) -> str:
    return hashlib.sha256(repr((settings.RELEASE, *versions)).encode()).hexdigest()[:40]
