"""Long work that a person begins and the worker does."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LEASE = timedelta(minutes=2)  # many times what one step takes


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(finished_at=None)

    def free(self, now: datetime) -> JobQuerySet:
        """Unfinished, and no worker has it; one that was killed loses it when its lease is over."""
        return self.unfinished().filter(Q(leased_until=None) | Q(leased_until__lte=now))


class Job(models.Model):
    """`parameters` say what is to be done, `place` where the next step begins, `result` what has come of it: each kind
    has shapes of its own. `total` is 0 until it is known. `problem` says why it ended before its end.
    """

    class Kind(models.TextChoices):
        BULK = "bulk", _("Bulk action")
        UNDO = "undo", _("Undo of a bulk action")
        TRIAL = "trial", _("Backtest")

    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("started by")
    )
    asked_at = models.DateTimeField(_("started at"), default=timezone.now)
    parameters = models.JSONField(default=dict, blank=True)
    place = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0)
    moved_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        default_permissions = ()
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["moved_at"], name="job_unfinished", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page in the admin."""
        return reverse("admin:comments_job_change", args=[self.pk])

    def finish(self, problem: str = "") -> None:
        """Also in the middle: whatever was done remains."""
        self.finished_at, self.problem = timezone.now(), problem[:300]
        Job.objects.unfinished().filter(pk=self.pk).update(finished_at=self.finished_at, problem=self.problem)
