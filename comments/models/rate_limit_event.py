"""Events for rate limits: forms that readers sent."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RateLimitEvent(models.Model):
    """Form of any kind that a reader sent, stored for some minutes; `device` is empty for readers without a cookie."""

    device = models.CharField(max_length=32, blank=True)
    network = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("rate limit event")
        verbose_name_plural = _("rate limit events")
        default_permissions = ()
        indexes = [
            models.Index(fields=["device", "at"], name="rate_limit_device", condition=~models.Q(device="")),
            models.Index(fields=["network", "at"], name="rate_limit_network"),
            models.Index(fields=["at"], name="rate_limit_at"),
        ]

    def __str__(self) -> str:
        return str(self.at)
