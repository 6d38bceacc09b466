"""What is read from the replica: public pages, each of them whole. All else, and everything written, has the primary.

A page is kept under the versions of what it shows. These are read first, and where that is read of which they are the
versions: so a page can only be newer than its versions say, and is then made anew under the next ones, on a replica as
on the primary. Versions from the primary with the rest from a replica would keep an old page under a new version.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
import functools
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, models
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from newsite.replica import ALIAS, watch

View = Callable[..., HttpResponseBase]

_is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)


class Router:
    """Django's door."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return ALIAS if _is_reading.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        return True  # the rows are the same

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def from_replica(view: View) -> View:
    """A view that changes nothing. If the server that it reads from fails it in its midst, it begins anew with the
    other: with the primary, or, unless it was left out, with the replica.
    """

    @functools.wraps(view)
    def reading(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_good = watch.is_good()
        try:
            return _read(view, is_good, request, *args, **kwargs)
        except (OperationalError, InterfaceError):
            if is_good:
                watch.doubt()
            elif not watch.is_not_late():
                raise
        return _read(view, not is_good, request, *args, **kwargs)

    reading.reads_from_replica = True  # type: ignore[attr-defined]  # what is wrapped around it says so, too
    return reading


def _read(view: View, is_from_replica: bool, *call: Any, **kwargs: Any) -> HttpResponseBase:
    before = _is_reading.set(is_from_replica)
    try:
        return view(*call, **kwargs)
    finally:
        _is_reading.reset(before)


def needs_no_primary(request: HttpRequest) -> bool:
    """Whether it can be answered while only the replica is there. What leads nowhere can."""
    if request.method not in {"GET", "HEAD"} or not (watch.is_good() or watch.is_not_late()):
        return False
    try:
        return getattr(resolve(request.path_info).func, "reads_from_replica", False)
    except Resolver404:
        return True
