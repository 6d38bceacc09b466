"""Attacks with comments from new devices: recent posts, the usual rate, and attacks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from articles.models.singleton import SINGLETON_PK, Singleton
from comments.models.cluster import Cluster
from comments.models.comment import Comment

QUIET_PERIOD = timedelta(minutes=5)  # an attack ends after this time without a minute above the limit


class AttackQuerySet(models.QuerySet["Attack"]):
    def running(self, now: datetime | None = None) -> AttackQuerySet:
        return self.filter(last_exceeded_at__gt=(now or timezone.now()) - QUIET_PERIOD)


class Attack(models.Model):
    """Period in which new devices have to solve a proof of work: under one article, or on the site if that is empty.

    It ends when `last_exceeded_at` is QUIET_PERIOD ago, without any background job. `rate` is the highest number of
    new devices in a minute, `limit` the allowed number. `challenged_count` counts the posts that were asked for a
    proof of work. `cluster` contains the comments that were held as part of the attack, if any.
    `has_initial_comments`: the comments that started the attack have been added to the cluster.
    """

    article = models.ForeignKey(
        Article, null=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("article"), db_index=False
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    last_exceeded_at = models.DateTimeField(_("last above the limit"), default=timezone.now)
    is_manual = models.BooleanField(_("turned on manually"), default=False)
    rate = models.PositiveIntegerField(_("new devices per minute"), default=0)
    limit = models.PositiveIntegerField(_("limit"), default=0)
    challenged_count = models.PositiveIntegerField(_("proof-of-work checks"), default=0)
    cluster = models.OneToOneField(Cluster, null=True, on_delete=models.SET_NULL, related_name="attack")
    has_initial_comments = models.BooleanField(default=False)

    objects = AttackQuerySet.as_manager()

    class Meta:
        verbose_name = _("attack")
        verbose_name_plural = _("attacks")
        default_permissions = ["view"]
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["last_exceeded_at"], name="attack_running")]

    def __str__(self) -> str:
        return str(_("Attack on “%s”") % self.article.headline if self.article else _("Attack on the site"))

    def is_running(self) -> bool:
        return self.last_exceeded_at > timezone.now() - QUIET_PERIOD

    def ended_at(self) -> datetime | None:
        return None if self.is_running() else self.last_exceeded_at + QUIET_PERIOD

    @property
    def pending_count(self) -> int:
        return self.cluster.pending_count if self.cluster else 0


class NewDevicePost(models.Model):
    """Comment that was sent by a device without an approved comment; deleted after some minutes.

    `comment` is empty if it was not stored. `device` is the one of the cookie or, without a cookie, a keyed hash of
    the submission: a challenge and its solution count as one device. `has_proof`: with a proof of work. `proof_key`
    is a hash of the solved challenge, or of the ticket of a reader who waited; each is accepted once.
    """

    at = models.DateTimeField(default=timezone.now)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    device = models.CharField(max_length=32)
    network = models.CharField(max_length=32)
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    has_proof = models.BooleanField(default=False)
    proof_key = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("new device’s post")
        verbose_name_plural = _("new devices’ posts")
        default_permissions = ()
        indexes = [models.Index(fields=["at"], name="new_device_post_at")]
        constraints = [
            models.UniqueConstraint(fields=["proof_key"], condition=~models.Q(proof_key=""), name="proof_used_once")
        ]

    def __str__(self) -> str:
        return str(self.at)


class NewDeviceHour(models.Model):
    """Busiest minute of an hour: new devices on the site, and under the article that had most of them."""

    hour = models.DateTimeField(unique=True)
    site = models.PositiveIntegerField(default=0)
    article = models.PositiveIntegerField(default=0)
    is_attack = models.BooleanField(default=False)  # an hour with an attack does not count towards the usual rate

    class Meta:
        verbose_name = _("hourly rate of new devices")
        verbose_name_plural = _("hourly rates of new devices")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.hour)


class UsualRate(Singleton):
    """Usual number of new devices in a busy minute, measured over weeks.

    Without a row nothing has been measured yet.
    """

    site = models.PositiveIntegerField(default=0)
    article = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("usual rate of new devices")
        verbose_name_plural = _("usual rates of new devices")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=SINGLETON_PK), name="one_usual_rate")]

    def __str__(self) -> str:
        return f"{self.site}, {self.article}"
