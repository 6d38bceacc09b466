"""How far an article is: a draft, waiting for an editor, waiting for its time, public, or over."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicationState(models.TextChoices):
    """In the order in which an article goes through them. The clock alone brings it from one of the last three to the
    next.
    """

    DRAFT = "draft", _("Draft")
    READY = "ready", _("Ready for review")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLIC = "public", _("Published")
    ENDED = "ended", _("Expired")

    def condition(self, now: datetime) -> models.Q:
        """Which articles are in it at that moment: each is in exactly one."""
        begun, ended = models.Q(published_at__lte=now), models.Q(unpublish_at__isnull=False, unpublish_at__lte=now)
        match self:
            case PublicationState.DRAFT:
                return models.Q(published_at=None, is_ready=False)
            case PublicationState.READY:
                return models.Q(published_at=None, is_ready=True)
            case PublicationState.SCHEDULED:
                return models.Q(published_at__gt=now)
            case PublicationState.PUBLIC:
                return begun & ~ended
        return begun & ended
