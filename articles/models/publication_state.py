"""Publication states of articles."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicationState(models.TextChoices):
    """Publication state of an article, in chronological order. The last three follow from the clock alone."""

    DRAFT = "draft", _("Draft")
    READY = "ready", _("Ready for review")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLIC = "public", _("Published")
    ENDED = "ended", _("Expired")

    def condition(self, now: datetime) -> models.Q:
        """Return the condition for articles in this state at `now`. Each article is in exactly one state."""
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
