"""Database router: public pages are read entirely from the replica, everything else uses the primary.

A page is cached by the versions of its content. These are read first, and from the same server as the content. So a
page can only be newer than its versions, and is rendered again under the next ones, as on the primary. Versions from
the primary with content from the replica would store an old page under a new version.
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
    """Router for DATABASE_ROUTERS."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return ALIAS if _is_reading.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        return True  # both servers have the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def from_replica(view: View) -> View:
    """Run a view that changes nothing on the replica, or on the other server if the first one fails.

    After a failure of both, the replica is tried once more, because a restart leaves dead connections. A replica with
    too much lag is not used.
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

    reading.reads_from_replica = True  # type: ignore[attr-defined]  # wrappers copy this attribute
    return reading


def drop_connection(server: str) -> None:
    """Close this thread's connection to the server, so that its next query there opens a new one."""
    connections[server].close()


def needs_no_primary(request: HttpRequest) -> bool:
    """Return whether the replica alone can answer the request. This includes addresses that do not exist."""
    if request.method not in {"GET", "HEAD"} or not (monitor.is_usable() or monitor.is_within_lag()):
        return False
    try:
        return is_public_view(resolve(request.path_info))
    except Resolver404:
        return True


def is_public_view(match: ResolverMatch) -> bool:
    """Return whether the view changes nothing and shows the same to all readers."""
    return getattr(match.func, "reads_from_replica", False)
