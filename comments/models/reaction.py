"""Reactions of readers to comments: recommendations and reports."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment

MAX_NOTE_LENGTH = 500


class Recommendation(models.Model):
    """Recommendation of a comment by a device; `is_counted` is False beyond the first few of a network."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=32)
    network = models.CharField(max_length=32)
    is_counted = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        default_permissions = ()
        indexes = [
            models.Index(fields=["comment", "network"], name="recommendation_of_network"),
            models.Index(fields=["device", "-at"], name="recommendation_by_device"),
            models.Index(fields=["network", "-at"], name="recommendation_by_network"),
            models.Index(fields=["at"], name="recommendation_with_network", condition=~models.Q(network="")),
        ]
        constraints = [models.UniqueConstraint(fields=["comment", "device"], name="one_recommendation_a_device")]

    def __str__(self) -> str:
        return str(self.comment)


class ReportCategory(models.TextChoices):
    """Reason for which a reader reports a comment."""

    OFFENSIVE = "offensive", _("Offensive or abusive")
    SPAM = "spam", _("Spam or advertising")
    OFF_TOPIC = "off_topic", _("Off topic")
    PERSONAL_DATA = "personal", _("Shares personal information")
    ILLEGAL = "illegal", _("Illegal content")
    OTHER = "other", _("Something else")


class ReportQuerySet(models.QuerySet["Report"]):
    def about_current_text(self, comment: Comment) -> ReportQuerySet:
        """Return the reports of the current text, not those of earlier texts."""
        return self.filter(at__gt=comment.edited_at) if comment.edited_at else self.all()

    def open(self) -> ReportQuerySet:
        return self.filter(reviewed_at=None)


class Report(models.Model):
    """Report of a comment by a device; with `is_counted` it counts towards hiding it, because the device is known.

    It is open until a moderator decides about the comment at `reviewed_at`, or its author withdraws it.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports")
    complaint = models.CharField(_("reason"), max_length=9, choices=ReportCategory)
    note = models.CharField(_("note"), max_length=MAX_NOTE_LENGTH, blank=True)
    device = models.CharField(max_length=32)
    network = models.CharField(max_length=32)
    is_counted = models.BooleanField()
    at = models.DateTimeField(_("date"), default=timezone.now)
    reviewed_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ["view"]
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["device", "-at"], name="report_by_device"),
            models.Index(fields=["network", "-at"], name="report_by_network"),
            models.Index(fields=["comment", "network"], name="report_of_network"),
            models.Index(fields=["at"], name="report_open", condition=models.Q(reviewed_at=None)),
            models.Index(fields=["at"], name="report_with_network", condition=~models.Q(network="")),
        ]
        constraints = [models.UniqueConstraint(fields=["comment", "device"], name="one_report_a_device")]

    def __str__(self) -> str:
        return self.get_complaint_display()
