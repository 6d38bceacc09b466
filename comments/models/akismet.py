"""Requests to Akismet about comments: spam checks and corrections."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from comments.models.lease import LeaseQuerySet

MAX_ERROR_LENGTH = 300
AKISMET_FIRST_RULE = (
    "comments.akismet.requests.akismet_is_asked_first"  # rule that holds a comment until Akismet has answered
)


class AkismetRequestQuerySet(LeaseQuerySet["AkismetRequest"]):
    def open(self) -> AkismetRequestQuerySet:
        return self.filter(state__in=[AkismetRequest.State.PENDING, AkismetRequest.State.IN_PROGRESS])

    def due(self, now: datetime) -> AkismetRequestQuerySet:
        """Return the requests to send now: pending ones, and those whose lease has expired."""
        return self.open().filter(due_at__lte=now).unleased(now)


class AkismetRequest(models.Model):
    """One spam check of a comment, or one correction; its lease works like that of a Notification.

    `encrypted_data` is the address and the browser of the author, encrypted; it is emptied as soon as they are not
    needed. `is_only_hold`: nothing else holds the comment, so it is published when Akismet says that it is not spam.
    """

    class Kind(models.TextChoices):
        CHECK = "check", _("Check for spam")
        SPAM = "spam", _("Report missed spam")
        HAM = "ham", _("Report false positive")

    class State(models.TextChoices):
        PENDING = "pending", _("Queued")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Answer(models.TextChoices):
        SPAM = "spam", _("Spam")
        CERTAIN_SPAM = "sure", _("Definitely spam")
        HAM = "ham", _("Not spam")

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="akismet_requests")
    kind = models.CharField(_("request"), max_length=5, choices=Kind, default=Kind.CHECK)
    state = models.CharField(_("status"), max_length=11, choices=State, default=State.PENDING)
    answer = models.CharField(_("answer"), max_length=4, choices=Answer, blank=True)
    encrypted_data = models.TextField(blank=True, editable=False)
    is_only_hold = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=MAX_ERROR_LENGTH, blank=True)
    finished_at = models.DateTimeField(_("done at"), null=True)

    objects = AkismetRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("Akismet request")
        verbose_name_plural = _("Akismet")
        default_permissions = ["view"]
        permissions = [("resend_akismetrequest", _("Can repeat Akismet requests"))]
        ordering = ["-due_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="akismet_due", condition=Q(state__in=["pending", "in_progress"])
            ),
            models.Index(fields=["state", "-due_at", "-id"], name="akismet_by_state"),
            models.Index(fields=["created_at"], name="akismet_encrypted", condition=~Q(encrypted_data="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["comment"],
                condition=Q(kind="check", state__in=["pending", "in_progress"]),
                name="one_open_request_a_comment",
            ),
            models.CheckConstraint(
                condition=Q(encrypted_data="") | Q(kind="check", state__in=["pending", "in_progress", "failed"]),
                name="no_address_once_answered",
            ),
        ]

    def __str__(self) -> str:
        return _("%(what)s: %(comment)s") % {"what": self.get_kind_display(), "comment": self.comment}

    @classmethod
    def latest_check(cls) -> models.Subquery:
        """Return a subquery for a queryset of comments: the fields for `status_text` of the latest check, or None."""
        of_it = cls.objects.filter(comment=models.OuterRef("pk"), kind=cls.Kind.CHECK).order_by("-pk")
        needed = {name: name for name in ("state", "answer", "attempts", "last_error")}
        return models.Subquery(of_it.values(said=JSONObject(**needed))[:1])

    def status_text(self) -> str:
        """Return the state of the check for moderators; empty if there is nothing to show."""
        if self.answer:
            return gettext("Akismet: %s") % self.get_answer_display()
        if self.state == self.State.FAILED:
            return gettext("Akismet check failed: %s") % self.last_error
        if self.state == self.State.CANCELLED:
            return ""
        if not self.last_error:
            return gettext("Waiting for Akismet.")
        text = ngettext(
            "Waiting for Akismet: %(count)d failed attempt (%(why)s). Trying again.",
            "Waiting for Akismet: %(count)d failed attempts (%(why)s). Trying again.",
            self.attempts,
        )
        return text % {"count": self.attempts, "why": self.last_error}

    def is_considered_spam(self) -> bool:
        """Return what Akismet considers the comment to be after this request, which is done."""
        return self.kind == self.Kind.SPAM or self.answer in {self.Answer.SPAM, self.Answer.CERTAIN_SPAM}


LEASE_DURATION = timedelta(minutes=3)  # longer than the timeout of a request
RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, *[60] * 6)]  # nearly seven hours in total
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
ENCRYPTED_DATA_RETENTION = timedelta(days=3)  # for addresses of checks that were never answered
REQUEST_RETENTION = timedelta(days=90)  # for finished requests; after that no corrections are sent
