"""Retention: delete data after some days. docs/operate.md explains RETENTION_RULES.

The worker runs one step a minute, `manage.py purge_expired_data` runs all steps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Block, Comment, Decision, Notification, Recommendation, Report, Subscription
from comments.privacy.anonymize import anonymize_log, delete_or_anonymize
from comments.statuses import Status

# Default days for each kind of data; the variable RETENTION_DAYS_<KIND> overrides them. 0: never deleted.
DEFAULT_DAYS = {"networks": 30, "addresses": 365, "spam": 90, "withdrawn": 30, "rejected": 0}
BATCH_SIZE = 200  # rows of each kind
REDACTED = "…"


class RetentionRule(NamedTuple):
    """Retention of one kind of data. `due` returns the rows last used before a time, `purge` deletes rows by id."""

    label: Any
    kind: str
    due: Callable[[datetime], models.QuerySet[Any]]
    purge: Callable[[list[int]], None]

    @property
    def days(self) -> int:
        return settings.RETENTION_DAYS.get(self.kind, DEFAULT_DAYS[self.kind])

    def rows(self) -> models.QuerySet[Any]:
        """Return the rows that have expired."""
        due = self.due(timezone.now() - timedelta(days=self.days))
        return due if self.days else due.none()


def purge_expired() -> int:
    """Delete a batch of each kind and return the number of rows."""
    number = 0
    for rule in RETENTION_RULES:
        pks = list(rule.rows().values_list("pk", flat=True)[:BATCH_SIZE])
        if pks:
            rule.purge(pks)
        number += len(pks)
    return number


def _expired_comments(before: datetime, *, status: Status) -> models.QuerySet[Comment]:
    """Return the expired comments of this status.

    A comment that was anonymized because of its replies is deleted when they have been deleted.
    """
    replies = Comment.objects.filter(parent=OuterRef("pk"))
    old = Comment.objects.filter(status=status, decided_at__lt=before)
    return old.filter(Q(anonymized_at=None) | ~Exists(replies)).order_by("decided_at")


def _delete(pks: list[int]) -> None:
    for pk in pks:
        delete_or_anonymize(pk)


def _remove_comment_networks(pks: list[int]) -> None:
    """Delete the networks of comments, also from findings: a block of a network names it."""
    networks = dict(Comment.objects.filter(pk__in=pks).values_list("pk", "network"))
    for decision in Decision.objects.filter(comment__in=pks).exclude(findings=[]):
        network = networks[decision.comment_id]
        said = [{**each, "detail": each.get("detail", "").replace(network, REDACTED)} for each in decision.findings]
        if network and said != decision.findings:
            Decision.objects.filter(pk=decision.pk).update(findings=said)
    Comment.objects.filter(pk__in=pks).update(network="", submission_key=None)


def _remove_networks(pks: list[int], *, kind: type[models.Model]) -> None:
    kind._default_manager.filter(pk__in=pks).update(network="")


def _expired_blocks(before: datetime) -> models.QuerySet[Block]:
    return Block.objects.filter(kind__in=[Block.Kind.DEVICE, Block.Kind.NETWORK], ends_at__lt=before)


def _delete_blocks(pks: list[int]) -> None:
    anonymize_log({Block: pks})
    Block.objects.filter(pk__in=pks).delete()


def _inactive_subscriptions(before: datetime) -> models.QuerySet[Subscription]:
    """Return subscriptions without any notification or request since that time."""
    notifications = Notification.objects.filter(subscription=OuterRef("pk"), due_at__gte=before)
    old = Subscription.objects.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=before), created_at__lt=before)
    return old.exclude(Exists(notifications))


def _failed_notifications(before: datetime) -> models.QuerySet[Notification]:
    return Notification.objects.filter(state=Notification.State.FAILED, due_at__lt=before)


def _delete_notifications(pks: list[int]) -> None:
    anonymize_log({Notification: pks})
    Notification.objects.filter(pk__in=Notification.objects.filter(pk__in=pks).locked()).delete()


RETENTION_RULES = [
    RetentionRule(_("spam"), "spam", partial(_expired_comments, status=Status.SPAM), _delete),
    RetentionRule(
        _("comments deleted by their authors"),
        "withdrawn",
        partial(_expired_comments, status=Status.WITHDRAWN),
        _delete,
    ),
    RetentionRule(_("rejected comments"), "rejected", partial(_expired_comments, status=Status.REJECTED), _delete),
    RetentionRule(
        _("networks of comments"),
        "networks",
        lambda before: Comment.objects.filter(created_at__lt=before).exclude(network="").order_by("created_at"),
        _remove_comment_networks,
    ),
    RetentionRule(
        _("networks of recommendations"),
        "networks",
        lambda before: Recommendation.objects.filter(at__lt=before).exclude(network="").order_by("at"),
        partial(_remove_networks, kind=Recommendation),
    ),
    RetentionRule(
        _("networks of reports"),
        "networks",
        lambda before: Report.objects.filter(at__lt=before).exclude(network="").order_by("at"),
        partial(_remove_networks, kind=Report),
    ),
    RetentionRule(_("expired blocks of devices and networks"), "networks", _expired_blocks, _delete_blocks),
    RetentionRule(_("failed emails"), "addresses", _failed_notifications, _delete_notifications),
    RetentionRule(
        _("unused email addresses"),
        "addresses",
        _inactive_subscriptions,
        lambda pks: Subscription.objects.filter(pk__in=pks).purge(),
    ),
]
