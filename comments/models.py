"""What readers say: comments, the decisions about them, and the conversation that they make under an article."""

from __future__ import annotations

from datetime import datetime
import secrets
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments.statuses import Policy, Status

NAME_LENGTH = 60
DEEPEST_INDENT = 4  # levels that are shown as such
DEEPEST = DEEPEST_INDENT + 1  # all that lies deeper
STEP = 18  # hexadecimal digits of a path for one level


class SitePolicy(models.Model):
    """One switch for the whole site. One row, edited in the admin, read with every page and every comment."""

    policy = models.CharField(_("comments on the whole site"), max_length=8, choices=Policy, default=Policy.OPEN)

    class Meta:
        verbose_name = _("switch for all comments")
        verbose_name_plural = _("switch for all comments")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_site_policy")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> SitePolicy:
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Conversation(models.Model):
    """What an article's comments have in common. No row means: nothing said yet, and open.

    `version` moves with every change that readers can see: a stored page is kept under it. Recommendations alone move
    `recommended_at`: see `recommending.as_of`.
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="conversation")
    policy = models.CharField(_("comments"), max_length=8, choices=Policy, default=Policy.OPEN)
    public_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    recommended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")

    def __str__(self) -> str:
        return str(self.article)

    @classmethod
    def lock(cls, article_id: int) -> None:
        """Whoever will change what is public of a conversation comes here first, so that nobody waits in a circle."""
        list(cls.objects.select_for_update().filter(article_id=article_id).values("pk"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """For the admin: writes the policy alone, since count and version move beneath it."""
        if self._state.adding:
            super().save(*args, **kwargs)
        else:
            type(self).objects.filter(pk=self.pk).update(policy=self.policy, version=models.F("version") + 1)


class CommentQuerySet(models.QuerySet["Comment"]):
    def approved(self) -> CommentQuerySet:
        return self.filter(status=Status.APPROVED)

    def newest(self) -> CommentQuerySet:
        return self.order_by("-created_at", "-pk")


class Comment(models.Model):
    """One comment. `status` is changed by `moderation.decide` and by nothing else.

    `thread` is the opening comment of a reply's thread, empty for an opening comment itself, whose `level` is 1; levels
    are counted to DEEPEST. `path` is a reply's place in its thread: depth first, oldest first, and by time alone below
    the fourth level. `public_replies` of an opening comment counts what is approved beneath it. `is_shown`: it is
    approved, or keeps its place for a reply that is shown. `version` moves with its state.
    """

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="comments", verbose_name=_("article"))
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies", verbose_name=_("in reply to")
    )
    thread = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=1, editable=False)
    path = models.CharField(max_length=54, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    text = models.TextField(_("comment"))
    status = models.PositiveSmallIntegerField(_("status"), choices=Status, default=Status.HELD)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)
    looked_at = models.DateTimeField(_("looked at by a person"), null=True, blank=True)
    public_replies = models.PositiveIntegerField(default=0, editable=False)
    shown_replies = models.PositiveIntegerField(default=0, editable=False)  # direct ones
    is_shown = models.BooleanField(default=False, editable=False)
    recommendations = models.PositiveIntegerField(_("recommendations"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    # Who wrote it, as far as we know: see readers.py. Empty for what was not written here.
    device = models.CharField(_("device"), max_length=32, blank=True)
    network = models.CharField(_("network"), max_length=32, blank=True)
    text_hash = models.CharField(max_length=32, editable=False)
    submission_key = models.CharField(  # noqa: DJ001 (unique, so that "none" has to be NULL)
        max_length=32, null=True, unique=True, editable=False
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        default_permissions = ["view"]
        permissions = [("moderate_comment", _("Can approve, reject and hold comments"))]
        ordering = ["status", "-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "-created_at", "-id"], name="comment_by_status"),
            models.Index(fields=["-created_at", "-id"], name="comment_newest"),
            models.Index(
                fields=["article", "-created_at", "-id"],
                name="comment_opening",
                condition=models.Q(thread=None, is_shown=True),
            ),
            models.Index(
                fields=["article", "-recommendations", "-id"],
                name="comment_opening_recommended",
                condition=models.Q(thread=None, is_shown=True),
            ),
            models.Index(fields=["thread", "path"], name="comment_reply", condition=models.Q(is_shown=True)),
            models.Index(fields=["article", "device", "-created_at"], name="comment_own"),
            models.Index(fields=["device", "-created_at"], name="comment_of_device"),
            models.Index(fields=["device", "status", "decided_at"], name="comment_record_of_device"),
            models.Index(fields=["network", "-created_at"], name="comment_of_network"),
            models.Index(fields=["text_hash", "-created_at"], name="comment_same_text"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None, thread=None) | models.Q(parent__isnull=False, thread__isnull=False),
                name="reply_is_in_a_thread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {Truncator(self.text).chars(60)}"

    def get_absolute_url(self) -> str:
        """Leads to it on its page, while it is public."""
        return reverse("comment", args=[self.pk])

    def place_under(self, parent: Comment | None) -> None:
        """Makes this a reply to `parent`; with None it opens a thread. Takes its time from `created_at`."""
        self.parent = parent
        if parent is None:
            self.thread_id, self.level, self.path = None, 1, ""
        else:
            self.thread_id = parent.thread_id or parent.pk
            self.level = min(parent.level + 1, DEEPEST)
            self.path = parent.path[: STEP * (DEEPEST_INDENT - 2)] + _step(self.created_at)

    def is_public(self) -> bool:
        return self.status == Status.APPROVED

    def is_withdrawn(self) -> bool:
        return self.status == Status.WITHDRAWN

    def is_waiting(self) -> bool:
        """As its author is told. A spammer is told what anybody is told whose comment waits."""
        return self.status in {Status.HELD, Status.SPAM}


class Recommendation(models.Model):
    """One device recommends one comment. `counts` is False beyond the first few of one network."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=32)
    network = models.CharField(max_length=32)
    counts = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        default_permissions = ()
        indexes = [models.Index(fields=["comment", "network"], name="recommendation_of_network")]
        constraints = [models.UniqueConstraint(fields=["comment", "device"], name="one_recommendation_a_device")]

    def __str__(self) -> str:
        return str(self.comment)


class Decision(models.Model):
    """One change of a comment's state: what it was, what it is, by whom, why. Written once, never changed.

    The first one of a comment is that of the rules: `was` is empty, `by` too, and `findings` holds every
    rule that fired: a list of {"rule": dotted path, "outcome": name, "detail": sentence}.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="decisions")
    was = models.PositiveSmallIntegerField(_("was"), choices=Status, null=True)
    now = models.PositiveSmallIntegerField(_("now"), choices=Status)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ["view"]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return _("%(now)s by %(who)s") % {"now": self.get_now_display(), "who": self.who()}

    def who(self) -> str:
        """Only the first Decision is the rules' own; a later one by nobody is the author's."""
        return str(self.by or (_("the author") if self.was is not None else _("the rules")))


def _step(at: datetime) -> str:
    """A time as digits that sort like it, with a few at random: replies of the same instant stay apart."""
    return f"{int(at.timestamp() * 1_000_000):014x}{secrets.token_hex(2)}"


@transaction.atomic
def count_public(comment: Comment, change: int) -> None:
    """Moves what depends on a comment becoming public (+1) or ceasing to be (-1): the conversation, its thread.

    Belongs into the transaction of the change itself, which has locked the conversation before the comment.
    """
    conversation = Conversation.objects.filter(article_id=comment.article_id)
    conversation.update(public_count=models.F("public_count") + change, version=models.F("version") + 1)
    if comment.thread_id:
        Comment.objects.filter(pk=comment.thread_id).update(public_replies=models.F("public_replies") + change)
    _show_or_hide(comment.pk, comment.parent_id, is_approved=change > 0)


def _show_or_hide(pk: int, parent_id: int | None, *, is_approved: bool) -> None:
    """Sets `is_shown` of the comment, and of those above it that keep their place for it alone."""
    change = +1 if is_approved else -1
    while pk:
        this = Comment.objects.filter(pk=pk)
        if is_approved:
            changed = this.filter(is_shown=False).update(is_shown=True)
        else:
            changed = this.filter(is_shown=True, shown_replies=0).exclude(status=Status.APPROVED).update(is_shown=False)
        if not changed or parent_id is None:
            return
        Comment.objects.filter(pk=parent_id).update(shown_replies=models.F("shown_replies") + change)
        pk, parent_id = parent_id, Comment.objects.values_list("parent_id", flat=True).get(pk=parent_id)
