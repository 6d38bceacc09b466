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

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, models
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from newsite.db.replica import ALIAS, monitor

View = Callable[..., HttpResponseBase]

_is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)


class ReplicaRouter:
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
    other; and with the replica once more, since a restart leaves dead connections behind. None that is late is asked.
    """

    @functools.wraps(view)
    def reading(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        servers = [ALIAS, DEFAULT_DB_ALIAS, ALIAS] if monitor.is_usable() else [DEFAULT_DB_ALIAS, ALIAS]
        while True:
            server = servers.pop(0)
            before = _is_reading.set(server == ALIAS)
            try:
                return view(request, *args, **kwargs)
            except (OperationalError, InterfaceError):
                if not servers or (servers[0] == ALIAS and not monitor.is_within_lag()):
                    raise
                if server == ALIAS:
                    monitor.recheck_now()
                drop_connection(server)
            finally:
                _is_reading.reset(before)

    reading.reads_from_replica = True  # type: ignore[attr-defined]  # what is wrapped around it says so, too
    return reading


def drop_connection(server: str) -> None:
    """This thread's: the next that it asks there is asked by another."""
    connections[server].close()


def needs_no_primary(request: HttpRequest) -> bool:
    """Whether it can be answered while only the replica is there. What leads nowhere can."""
    if request.method not in {"GET", "HEAD"} or not (monitor.is_usable() or monitor.is_within_lag()):
        return False
    try:
        return is_public_view(resolve(request.path_info))
    except Resolver404:
        return True


def is_public_view(match: ResolverMatch) -> bool:
    """Whether the view of this address changes nothing, and shows the same to everyone."""
    return getattr(match.func, "reads_from_replica", False)
