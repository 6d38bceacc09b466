"""Decisions about comments, reasons for rejections, and earlier texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.typed_text import TypedText
from comments.models.comment import Comment
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

MAX_REASON_LENGTH = 300


class Decision(models.Model):
    """Change of a comment's status: from which to which, by whom, and why.

    It is written once and never changed, except that its text is deleted when the comment is anonymized.

    The first decision of a comment is made by the rules; its `from_status` and `actor` are empty. Whenever the rules
    were run, `findings` contains every result: a list of {"rule": dotted path, "outcome": name, "detail": sentence}.
    `reason` is for moderators, `author_message` is shown to the author. `wait_time` is how long the comment had been
    pending when this moderator decided; it is empty if a moderator had made it pending, and starts again after an
    undo.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="decisions")
    from_status = models.PositiveSmallIntegerField(_("from"), choices=Status, null=True)
    to_status = models.PositiveSmallIntegerField(_("to"), choices=Status)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    cause = models.CharField(_("cause"), max_length=9, choices=Cause, default=Cause.DECIDED)
    at = models.DateTimeField(_("date"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH, blank=True)
    author_message = models.CharField(_("message to the author"), max_length=300, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    wait_time = models.DurationField(_("waiting time"), null=True, editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ["view"]
        ordering = ["at", "id"]
        indexes = [
            models.Index(
                fields=["at", "wait_time"], name="decision_waited", condition=models.Q(wait_time__isnull=False)
            ),
            models.Index(fields=["id"], name="decision_of_a_person", condition=models.Q(actor__isnull=False)),
        ]

    def __str__(self) -> str:
        return _("%(now)s: %(who)s") % {"now": self.get_to_status_display(), "who": self.actor_name()}

    def actor_name(self) -> str:
        return str(self.actor or self.get_cause_display())


class RejectReason(TypedText):
    """Reason for which a moderator may reject a comment; a Decision stores a copy of its text."""

    title = models.CharField(_("title"), max_length=60, help_text=_("Shown to moderators."))
    sentence = models.CharField(
        _("message to the author"),
        max_length=300,
        blank=True,
        help_text=_("Shown to the author on their page and by email. Leave blank to say nothing."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("rejection reason")
        verbose_name_plural = _("rejection reasons")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.title


class EarlierTextQuerySet(models.QuerySet["EarlierText"]):
    def readable_by(self, user: User | AnonymousUser) -> EarlierTextQuerySet:
        """Return the texts that the user may read.

        Redacted text is only for users with permission to see originals, also where an earlier edit by its author
        contains it.
        """
        if user.has_perm("comments.view_original"):
            return self
        taken_out = EarlierText.objects.filter(comment=models.OuterRef("comment"), actor__isnull=False)
        return self.filter(~models.Exists(taken_out.filter(until__gte=models.OuterRef("until"))), actor=None)


class EarlierText(models.Model):
    """Earlier text of a comment, for moderators.

    With an `actor` it was redacted, and only some moderators may see it.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="earlier_texts")
    text = models.TextField(_("comment"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(_("until"), default=timezone.now)

    objects = EarlierTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("earlier version of a comment")
        verbose_name_plural = _("earlier versions of comments")
        default_permissions = ()
        ordering = ["until", "id"]

    def __str__(self) -> str:
        return str(self.comment)
