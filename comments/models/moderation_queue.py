"""Moderation queue: claims of comments, and notes of moderators to each other."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment


class Moderation(Comment):
    """Comments in the moderation queue; the proxy gives it a URL and a menu entry in the admin."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("moderation")
        verbose_name_plural = _("moderation")


class Claim(models.Model):
    """Short-lived claim of a comment that a moderator is reviewing."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="claim")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.actor}: {self.comment}"


class Note(models.Model):
    """Note of a moderator about a comment for the other moderators; never changed."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="notes")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.CharField(_("note"), max_length=500)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        default_permissions = ()
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text
