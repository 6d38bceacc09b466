"""What became of a comment, and why."""

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
    """One change of a comment's state: what it was, what it is, by whom, why. Written once, never changed;
    but its words are forgotten with those of its comment.

    The first one of a comment is that of the rules: `was` is empty, and `by` too. Whenever the rules were asked,
    `findings` holds every one that fired: a list of {"rule": dotted path, "outcome": name, "detail": sentence}.
    `reason` is for moderators, `told` is what the author may read. `waited` is how long the comment had been held when
    this person decided; empty if a person had held it, and after an undo it begins anew.
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
    """Why a moderator may reject a comment. A Decision keeps the words: to change them here changes no history."""

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
        """What the newsroom took out is for those alone who may see originals: also where its author had said it."""
        if user.has_perm("comments.view_original"):
            return self
        taken_out = EarlierText.objects.filter(comment=models.OuterRef("comment"), actor__isnull=False)
        return self.filter(~models.Exists(taken_out.filter(until__gte=models.OuterRef("until"))), actor=None)


class EarlierText(models.Model):
    """What a comment said before. For moderators alone; if the newsroom took something out (`by`), for some of them."""

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
