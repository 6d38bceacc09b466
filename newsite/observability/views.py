"""Metrics endpoint. It answers 404 to clients that METRICS_ALLOWED and METRICS_TOKEN do not admit."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from comments.views.decorators import private_view
from newsite.http.middleware import is_in_networks
from newsite.observability.gauges import GaugeCollector
from newsite.observability.metrics import metrics_registry


@private_view
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_see(request):
        raise Http404
    registry = metrics_registry()
    registry.register(GaugeCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_see(request: HttpRequest) -> bool:
    kind, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind == "Bearer" and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    address = request.META.get("REMOTE_ADDR", "")
    if not address and "X-Forwarded-For" in request.headers:  # proxy not in TRUSTED_PROXIES: any client
        return False
    return is_in_networks(settings.METRICS_ALLOWED, address)
