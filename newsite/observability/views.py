"""Metrics endpoint. It answers 404 to clients that METRICS_ALLOWED and METRICS_TOKEN do not admit."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from comments.views.decorators import private_view
from newsite.db.replica import monitor
from newsite.http.middleware import is_in_networks
from newsite.observability.exposition import CONTENT_TYPE, format_metrics
from newsite.observability.queue_gauges import gauges
from newsite.observability.sharing import total_counts

_USED = ("newsite_replica_used", "Whether this process reads pages from the replica.")
_UP = ("newsite_database_up", "Whether the database responds.")


@private_view
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_see(request):
        raise Http404
    try:
        waiting = [(*_UP, 1.0), *gauges()]
    except (DatabaseError, InterfaceError):  # counters need no database
        waiting = [(*_UP, 0.0)]
    if monitor.is_configured():
        waiting.append((*_USED, float(monitor.is_usable())))
    return HttpResponse(format_metrics(total_counts(), waiting), content_type=CONTENT_TYPE)


def _may_see(request: HttpRequest) -> bool:
    kind, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind == "Bearer" and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    address = request.META.get("REMOTE_ADDR", "")
    if not address and "X-Forwarded-For" in request.headers:  # proxy not in TRUSTED_PROXIES: any client
        return False
    return is_in_networks(settings.METRICS_ALLOWED, address)
