"""Erasure of one person's data. The threads stay readable: a placeholder replaces each comment."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from comments.models import BackgroundJob, Block, Comment, Conversation, Notification, Report
from comments.moderation.decide import InvalidTransition, decide
from comments.privacy.anonymize import anonymize, anonymize_log
from comments.privacy.data_subject import DataSubject
from comments.privacy.verify import Occurrence, find_occurrences
from comments.readers.recommendations import delete_recommendations
from comments.statuses import Cause, Status

_MAX_ATTEMPTS = 5  # a moderator may decide between reading and withdrawing


def count_personal_data(person: DataSubject) -> dict[Any, int]:
    """Count the data to erase."""
    return {
        _("comments"): person.comments().filter(anonymized_at=None).count(),
        _("recommendations"): person.recommendations().count(),
        _("reports"): person.reports().count(),
        _("email addresses"): person.subscriptions().count(),
        _("emails"): person.notifications().count(),
        _("confirmation requests"): person.confirmation_requests().count() + person.suppressed_addresses().count(),
        _("blocks"): person.blocks().count(),
        _("backtests of blocks"): len(person.backtests()),
    }


def erase(person: DataSubject) -> list[Occurrence]:
    """Erase the person's data in small transactions. If interrupted, run it again.

    Public and pending comments are withdrawn first, as by their author, so that all counts are updated.

    Return where the texts, devices and addresses are still found, because other people may have quoted them. Names are
    not searched, because other people may have the same name.
    """
    needles = {*person.devices, *person.addresses, *person.comments().exclude(text="").values_list("text", flat=True)}
    _erase_blocks(person)  # first: their own blocks are found through their comments
    _erase_notifications(person)
    for device in person.devices:
        delete_recommendations(device)
    person.rate_limit_events().delete()
    person.new_device_posts().delete()
    for report in list(person.reports()):
        _erase_report(report)
    for pk in list(person.comments().values_list("pk", flat=True)):
        _withdraw(pk)
        anonymize(pk)
    named = Q(pk__in=[])
    for needle in person.devices | person.addresses:
        named |= Q(object_repr__icontains=needle) | Q(change_message__icontains=needle)
    LogEntry.objects.filter(named).update(object_repr=_("(erased)"), change_message="")
    return find_occurrences(needles)


@transaction.atomic
def _erase_blocks(person: DataSubject) -> None:
    backtests = [job.pk for job in person.backtests()]
    blocks = list(person.blocks().values_list("pk", flat=True))
    anonymize_log({Block: blocks, BackgroundJob: backtests})
    BackgroundJob.objects.filter(pk__in=backtests).delete()
    Block.objects.filter(pk__in=blocks).delete()


@transaction.atomic
def _erase_notifications(person: DataSubject) -> None:
    anonymize_log({Notification: list(person.notifications().values_list("pk", flat=True))})
    person.subscriptions().purge()
    person.confirmation_requests().delete()
    person.suppressed_addresses().delete()


@transaction.atomic
def _erase_report(report: Report) -> None:
    """Delete the report and update the count, under the lock of the conversation."""
    Conversation.lock(report.comment.article_id)
    open_one = Report.objects.filter(pk=report.pk).open()
    if open_one.delete()[0]:
        Comment.objects.filter(pk=report.comment_id, open_reports__gt=0).update(open_reports=F("open_reports") - 1)
    Report.objects.filter(pk=report.pk).delete()


def _withdraw(pk: int) -> None:
    """Withdraw the comment. Raise InvalidTransition if it keeps changing meanwhile."""
    for attempt in range(_MAX_ATTEMPTS):
        comment = Comment.objects.get(pk=pk)
        if comment.is_withdrawn() or comment.anonymized_at:
            return
        try:
            decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
        except InvalidTransition:
            if attempt == _MAX_ATTEMPTS - 1:
                raise
