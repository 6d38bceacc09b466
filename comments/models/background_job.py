"""Background jobs that a user starts and the worker runs."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.lease import LeaseQuerySet

LEASE_DURATION = timedelta(minutes=2)  # many times the duration of one step


class BackgroundJobQuerySet(LeaseQuerySet["BackgroundJob"]):
    def unfinished(self) -> BackgroundJobQuerySet:
        return self.filter(finished_at=None)


class BackgroundJob(models.Model):
    """Long task that is run in steps.

    `parameters` say what to do, `cursor` where the next step begins, and `result` what has been found; each kind has
    formats of its own. `total` is 0 until it is known. `problem` says why the job ended early.
    """

    class Kind(models.TextChoices):
        BULK = "bulk", _("Bulk action")
        UNDO = "undo", _("Undo of a bulk action")
        BACKTEST = "backtest", _("Backtest")

    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("started by")
    )
    requested_at = models.DateTimeField(_("started at"), default=timezone.now)
    parameters = models.JSONField(default=dict, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0)
    last_step_at = models.DateTimeField(default=timezone.now)
    lease_expires_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = BackgroundJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        default_permissions = ()
        ordering = ["-requested_at", "-id"]
        indexes = [models.Index(fields=["last_step_at"], name="job_unfinished", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the URL of the job in the admin."""
        return reverse("admin:comments_backgroundjob_change", args=[self.pk])

    def finish(self, problem: str = "") -> None:
        """Finish the job, also before its end; changes made so far are kept."""
        self.finished_at, self.problem = timezone.now(), problem[:300]
        BackgroundJob.objects.unfinished().filter(pk=self.pk).update(finished_at=self.finished_at, problem=self.problem)
