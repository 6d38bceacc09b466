"""Comment: its text, its position in a thread, its status, and its author."""

from __future__ import annotations

from datetime import datetime
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from articles.params import parse_id
from articles.text import truncate
from comments.classifier.scores import UNKNOWN_SUSPICION
from comments.statuses import Cause, Status

MAX_NAME_LENGTH = 60
MAX_INDENT_LEVEL = 4  # levels that are indented
MAX_LEVEL = MAX_INDENT_LEVEL + 1  # of all deeper replies
PATH_SEGMENT_LENGTH = 18  # hexadecimal digits of a path for each level


class CommentQuerySet(models.QuerySet["Comment"]):
    def approved(self) -> CommentQuerySet:
        return self.filter(status=Status.APPROVED)

    def hidden_by_reports(self, since: datetime) -> CommentQuerySet:
        """Return comments that readers' reports have hidden since then and that no moderator has reviewed."""
        hidden = {
            "decisions__cause": Cause.REPORTED,
            "decisions__to_status": Status.PENDING,
            "decisions__at__gt": since,
        }
        waiting = self.filter(status=Status.PENDING, reviewed_at=None, open_reports__gt=0)
        return waiting.filter(**hidden).distinct()

    def public_despite_reports(self) -> CommentQuerySet:
        """Return public comments with enough reports to hide them that were not hidden.

        Comments that a moderator has reviewed since are left out.
        """
        kept = {"decisions__cause": Cause.REPORTED, "decisions__to_status": Status.APPROVED}
        of_its_words = models.Q(edited_at=None) | models.Q(decisions__at__gt=models.F("edited_at"))
        public = self.approved().filter(reviewed_at=None, open_reports__gt=0)
        return public.filter(of_its_words, **kept).distinct()

    def newest_first(self) -> CommentQuerySet:
        return self.order_by("-created_at", "-pk")

    def oldest_first(self) -> CommentQuerySet:
        return self.order_by("created_at", "pk")

    def by_suspicion(self, *, is_worst_first: bool) -> CommentQuerySet:
        return self.order_by("-suspicion", "-pk") if is_worst_first else self.order_by("suspicion", "pk")

    def reversed_order(self) -> CommentQuerySet:
        """Return the queryset in the opposite order."""
        fields = map(str, self.query.order_by)
        return self.order_by(*(field[1:] if field.startswith("-") else f"-{field}" for field in fields))

    def after(self, key: Any, pk: Any) -> CommentQuerySet:
        """Return the comments after one with this key and id, in the order of the queryset: by one field, then by id.

        The first condition is the end of an index range, the second one separates comments with equal keys.
        """
        return self._relative_to(key, pk, falling="lt", rising="gt")

    def up_to(self, key: Any, pk: int) -> CommentQuerySet:
        """Return the comments that `after` excludes: the one with this key and id, and those before it."""
        return self._relative_to(key, pk, falling="gt", rising="lt", is_included="e")

    def _relative_to(self, key: Any, pk: Any, *, falling: str, rising: str, is_included: str = "") -> CommentQuerySet:
        first = str(self.query.order_by[0])
        field, beside = (first[1:], falling) if first.startswith("-") else (first, rising)
        beyond_it = models.Q(**{f"{field}__{beside}": key}) | models.Q(**{f"pk__{beside}{is_included}": pk})
        return self.filter(beyond_it, **{f"{field}__{beside}e": key})


class Comment(models.Model):
    """Comment of a reader; `status` is changed only by `moderation.decide`.

    - `thread`: first comment of a reply's thread; empty for the first comment itself.
    - `level`: 1 for the first comment of a thread; counted up to MAX_LEVEL.
    - `path`: position of a reply in its thread: depth first, oldest first, and by time alone below the fourth level.
    - `approved_reply_count`: approved replies of any level; kept only for the first comment of a thread.
    - `is_visible`: the comment is approved, or is shown as removed because it has a visible reply.
    - `version`: increased with every change of status or text.
    - `name_key`: equal for names that look alike.
    - `open_reports`: number of reports that no moderator has reviewed.
    - `spam_score`, `rejected_score`: scores of the text when it was submitted, or while it was pending.
    - `suspicion`: both scores combined.
    - `anonymized_at`: when text and author were deleted. The row is kept for its replies; its status is final.
    """

    article = models.ForeignKey(  # no index of its own: PostgreSQL would use it and sort a whole conversation
        Article, on_delete=models.PROTECT, related_name="comments", verbose_name=_("article"), db_index=False
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies", verbose_name=_("in reply to")
    )
    thread = models.ForeignKey(  # the index below has the order of a page, so that no plan sorts a whole thread
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    level = models.PositiveSmallIntegerField(default=1, editable=False)
    path = models.CharField(max_length=54, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    text = models.TextField(_("comment"))
    status = models.PositiveSmallIntegerField(_("status"), choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(_("posted at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    edited_at = models.DateTimeField(_("edited at"), null=True, editable=False)
    redacted_at = models.DateTimeField(_("edited by a moderator at"), null=True, editable=False)
    picked_at = models.DateTimeField(_("picked at"), null=True, editable=False)
    anonymized_at = models.DateTimeField(_("anonymized at"), null=True, editable=False)
    approved_reply_count = models.PositiveIntegerField(default=0, editable=False)
    visible_reply_count = models.PositiveIntegerField(default=0, editable=False)  # direct replies only
    is_visible = models.BooleanField(default=False, editable=False)
    recommendations = models.PositiveIntegerField(_("recommendations"), default=0, editable=False)
    open_reports = models.PositiveIntegerField(_("reports"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    cluster = models.ForeignKey(
        "comments.Cluster",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="comments",
        db_index=False,
    )
    # True while the moderation queue shows another comment of its cluster instead.
    is_collapsed = models.BooleanField(default=False, db_default=False, editable=False)
    spam_score = models.FloatField(null=True, editable=False)
    rejected_score = models.FloatField(null=True, editable=False)
    suspicion = models.FloatField(default=UNKNOWN_SUSPICION, db_default=UNKNOWN_SUSPICION, editable=False)
    # The author, as far as known (comments/identity.py); empty for imported comments.
    device = models.CharField(_("device"), max_length=32, blank=True)
    network = models.CharField(_("network"), max_length=32, blank=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("staff account"),
    )
    name_key = models.CharField(max_length=32, blank=True, editable=False)
    text_hash = models.CharField(max_length=32, editable=False)
    submission_key = models.CharField(  # noqa: DJ001 (unique, so "none" has to be NULL)
        max_length=32, null=True, unique=True, editable=False
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        default_permissions = ["view"]
        permissions = [
            ("moderate_comment", _("Can approve, reject and hold comments")),
            ("redact_comment", _("Can redact comments")),
            ("view_original", _("Can see redacted text")),
        ]
        ordering = ["status", "-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "-created_at", "-id"], name="comment_by_status"),
            models.Index(fields=["-created_at", "-id"], name="comment_newest"),
            models.Index(
                fields=["suspicion", "id"],
                name="comment_waiting_suspicion",
                condition=models.Q(status=Status.PENDING, is_collapsed=False),
            ),
            models.Index(
                fields=["created_at", "id"],
                name="comment_waiting",
                condition=models.Q(status=Status.PENDING, is_collapsed=False),
            ),
            models.Index(
                fields=["cluster", "created_at", "id"], name="comment_collapsed", condition=models.Q(is_collapsed=True)
            ),
            models.Index(
                fields=["cluster", "-created_at", "-id"],
                name="comment_of_cluster",
                condition=models.Q(cluster__isnull=False),
            ),
            models.Index(
                fields=["article", "-created_at", "-id"],
                name="comment_opening",
                condition=models.Q(level=1, is_visible=True),
            ),
            models.Index(
                fields=["article", "-recommendations", "-id"],
                name="comment_opening_recommended",
                condition=models.Q(level=1, is_visible=True),
            ),
            models.Index(fields=["thread", "path"], name="comment_reply", condition=models.Q(is_visible=True)),
            models.Index(
                fields=["thread", "is_visible", "path"],
                name="comment_in_thread",
                condition=models.Q(thread__isnull=False),
            ),
            models.Index(
                fields=["article", "-created_at", "-id"],
                name="comment_in_feed",
                condition=models.Q(status=Status.APPROVED),
            ),
            models.Index(fields=["article", "-created_at", "-id"], name="comment_of_article"),
            models.Index(fields=["article", "device", "-created_at"], name="comment_own"),
            models.Index(fields=["device", "-created_at"], name="comment_of_device"),
            models.Index(fields=["device", "status", "decided_at"], name="comment_record_of_device"),
            models.Index(fields=["network", "-created_at"], name="comment_of_network"),
            models.Index(fields=["text_hash", "-created_at"], name="comment_same_text"),
            models.Index(fields=["created_at", "id"], name="comment_reported", condition=models.Q(open_reports__gt=0)),
            models.Index(
                fields=["-created_at", "-id"],
                name="comment_unreviewed",
                condition=models.Q(status=Status.APPROVED, reviewed_at=None),
            ),
            models.Index(
                fields=["name_key", "-created_at"],
                name="comment_same_name",
                condition=models.Q(status=Status.APPROVED),
            ),
            models.Index(fields=["name_key", "-created_at"], name="comment_of_name"),
            models.Index(
                fields=["article", "-picked_at", "-id"],
                name="comment_picked",
                condition=models.Q(status=Status.APPROVED, picked_at__isnull=False),
            ),
            models.Index(
                fields=["status", "decided_at"],
                name="comment_expired",
                condition=models.Q(status__in=[Status.REJECTED, Status.SPAM, Status.WITHDRAWN]),
            ),
            models.Index(fields=["created_at"], name="comment_with_network", condition=~models.Q(network="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None, thread=None, level=1)
                | models.Q(parent__isnull=False, thread__isnull=False, level__gt=1),
                name="reply_is_in_a_thread",
            ),
        ]

    def __str__(self) -> str:
        return str(_("anonymized")) if self.anonymized_at else f"{self.name}: {truncate(self.text, 60)}"

    def get_absolute_url(self) -> str:
        """Return the permalink, which redirects to the comment on its page while it is public."""
        return reverse("comment", args=[self.pk])

    def set_parent(self, parent: Comment | None) -> None:
        """Make the comment a reply to `parent`, or the first of a thread if None; `created_at` must be set."""
        self.parent = parent
        if parent is None:
            self.thread_id, self.level, self.path = None, 1, ""
        else:
            self.thread_id = parent.thread_id or parent.pk
            self.level = min(parent.level + 1, MAX_LEVEL)
            self.path = parent.path[: PATH_SEGMENT_LENGTH * (MAX_INDENT_LEVEL - 2)] + _path_segment(self.created_at)

    @property
    def stamp(self) -> str:
        """Return a stamp for forms: the version that the user sees, and its number of open reports."""
        return f"{self.version}-{self.open_reports}"

    def expect_stamp(self, stamp: str) -> None:
        """Set version and reports from a stamp, unsaved.

        A decision then fails if the comment has changed or was reported since the stamp was created.
        """
        version, _hyphen, reports = stamp.partition("-")
        self.version, self.open_reports = parse_id(version), parse_id(reports)

    def is_public(self) -> bool:
        return self.status == Status.APPROVED

    def is_withdrawn(self) -> bool:
        return self.status == Status.WITHDRAWN

    def is_pending_for_author(self) -> bool:
        """Return whether the author sees the comment as pending; authors of spam are told the same as others."""
        return self.status in {Status.PENDING, Status.SPAM}


def _path_segment(at: datetime) -> str:
    """Return a time as digits in sort order, with random digits to separate replies of the same instant.

    Imported times before 1970 sort first.
    """
    return f"{max(int(at.timestamp() * 1_000_000), 0):014x}{secrets.token_hex(2)}"
