"""How fast readers may click: recommend and report. People never notice these limits."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from comments.models import Recommendation, Report
from comments.readers import Reader

DEVICE_PER_MINUTE = 20
NETWORK_PER_MINUTE = 200  # readers share addresses: a school, a carrier
MINUTE = timedelta(minutes=1)


class NotTaken(Exception):
    """A click that was not taken. Speaks to the reader; `is_for_now`: waiting helps."""

    def __init__(self, text: str, *, is_for_now: bool = False) -> None:
        super().__init__(text)
        self.is_for_now = is_for_now


def is_too_fast(kind: type[Recommendation | Report], reader: Reader) -> bool:
    latest = kind.objects.filter(at__gt=timezone.now() - MINUTE)
    of_network = latest.filter(network=reader.network).values("pk")[:NETWORK_PER_MINUTE]
    if len(of_network) >= NETWORK_PER_MINUTE:
        return True
    of_device = latest.filter(device=reader.device or "").values("pk")[:DEVICE_PER_MINUTE]
    return len(of_device) >= DEVICE_PER_MINUTE
