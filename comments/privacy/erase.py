"""One person's data go. The threads stay readable: where they wrote it says that the comment is no longer here."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from comments.models import Block, Comment, Conversation, Job, Letter, Report
from comments.moderation.decide import WrongMove, decide
from comments.privacy.anonymize import empty, forget_log
from comments.privacy.data_subject import Person
from comments.privacy.verify import Found, search
from comments.readers.recommendations import forget_recommendations
from comments.statuses import Cause, Status

_TRIES = 5  # a moderator may decide between our look and our move


def counts(person: Person) -> dict[Any, int]:
    """What there is to erase."""
    return {
        _("comments"): person.comments().filter(forgotten_at=None).count(),
        _("recommendations"): person.recommendations().count(),
        _("reports"): person.reports().count(),
        _("email addresses"): person.subscriptions().count(),
        _("emails"): person.letters().count(),
        _("confirmation requests"): person.confirmations().count() + person.declined().count(),
        _("blocks"): person.blocks().count(),
        _("backtests of blocks"): len(person.trials()),
    }


def erase(person: Person) -> list[Found]:
    """In small transactions; should it be interrupted, it is done again. Comments that are public or wait are withdrawn
    first, as if their author had done it, and every count follows.

    Returns where the words, devices and addresses are still found: others may have quoted them. Names are not looked
    for: others have the same.
    """
    needles = {*person.devices, *person.addresses, *person.comments().exclude(text="").values_list("text", flat=True)}
    _erase_blocks(person)  # first: what is theirs alone is known by their comments
    _erase_letters(person)
    for device in person.devices:
        forget_recommendations(device)
    person.clicks().delete()
    person.new_device_posts().delete()
    for report in list(person.reports()):
        _erase_report(report)
    for pk in list(person.comments().values_list("pk", flat=True)):
        _withdraw(pk)
        empty(pk)
    named = Q(pk__in=[])
    for needle in person.devices | person.addresses:
        named |= Q(object_repr__icontains=needle) | Q(change_message__icontains=needle)
    LogEntry.objects.filter(named).update(object_repr=_("(erased)"), change_message="")
    return search(needles)


@transaction.atomic
def _erase_blocks(person: Person) -> None:
    trials = [job.pk for job in person.trials()]
    blocks = list(person.blocks().values_list("pk", flat=True))
    forget_log({Block: blocks, Job: trials})
    Job.objects.filter(pk__in=trials).delete()
    Block.objects.filter(pk__in=blocks).delete()


@transaction.atomic
def _erase_letters(person: Person) -> None:
    forget_log({Letter: list(person.letters().values_list("pk", flat=True))})
    person.subscriptions().forget()
    person.confirmations().delete()
    person.declined().delete()


@transaction.atomic
def _erase_report(report: Report) -> None:
    """Behind the lock of its conversation, where reports are counted."""
    Conversation.lock(report.comment.article_id)
    open_one = Report.objects.filter(pk=report.pk).open()
    if open_one.delete()[0]:
        Comment.objects.filter(pk=report.comment_id, open_reports__gt=0).update(open_reports=F("open_reports") - 1)
    Report.objects.filter(pk=report.pk).delete()


def _withdraw(pk: int) -> None:
    """Raises WrongMove if others are faster time and again."""
    for attempt in range(_TRIES):
        comment = Comment.objects.get(pk=pk)
        if comment.is_withdrawn() or comment.forgotten_at:
            return
        try:
            decide(comment, Status.WITHDRAWN, by=None, cause=Cause.WITHDRAWN)
        except WrongMove:
            if attempt == _TRIES - 1:
                raise
