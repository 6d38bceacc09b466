"""Readers report comments. Enough of those whom we know hide one until a moderator has looked at it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment, Complaint, Conversation, Report
from comments.moderation import decide
from comments.pace import NotTaken
from comments.readers import Reader, known_since, new_device
from comments.statuses import Cause, Status

KNOWN_AFTER = timedelta(hours=24)
KEPT_OF_A_NETWORK = 20  # reports of one comment, or whoever comes without a cookie could bury it in them


@transaction.atomic
def report(pk: int, reader: Reader, complaint: Complaint, note: str) -> str:
    """Once a device, until the comment is edited. Returns the device to remember. Raises NotTaken."""
    Conversation.lock(Comment.objects.values_list("article_id", flat=True).filter(pk=pk).first() or 0)
    comment = Comment.objects.approved().filter(pk=pk).first()
    if comment is None:
        raise NotTaken(_("This comment is no longer here."))
    device = reader.device or new_device()
    if comment.device == device:
        raise NotTaken(_("This comment is your own: you can withdraw it."))
    if has_reported(comment, reader):
        return device
    of_network = comment.reports.filter(network=reader.network).exclude(device=device)
    if len(of_network.values("pk")[:KEPT_OF_A_NETWORK]) >= KEPT_OF_A_NETWORK:
        raise NotTaken(_("Many have reported this comment from your network already."))
    said = {"complaint": complaint, "note": note, "network": reader.network, "at": timezone.now()}
    said |= {"counts": _is_known(reader), "looked_at": None}
    Report.objects.update_or_create(comment=comment, device=device, defaults=said)
    Comment.objects.filter(pk=pk).update(open_reports=F("open_reports") + 1)
    reports = list(comment.reports.of_the_words_of(comment).filter(counts=True))
    if comment.looked_at is None and _are_enough(reports):
        decide(comment, Status.HELD, by=None, cause=Cause.REPORTED, reason=_summary(reports))
    return device


def has_reported(comment: Comment, reader: Reader) -> bool:
    """Whether this device has reported what the comment says now."""
    return comment.reports.of_the_words_of(comment).filter(device=reader.device or "").exists()


def _is_known(reader: Reader) -> bool:
    """Whether the device has been here for a day, or has written what a moderator or the rules let pass."""
    if reader.device is None:
        return False
    since = known_since(reader.device)
    is_old = since is not None and since < timezone.now() - KNOWN_AFTER
    return is_old or Comment.objects.approved().filter(device=reader.device).exists()


def _are_enough(reports: list[Report]) -> bool:
    """A device reports once, so as many networks are as many devices."""
    return len({each.network for each in reports}) >= settings.COMMENT_REPORTS_TO_HOLD


def _summary(reports: list[Report]) -> str:
    complaints = ", ".join(sorted({str(each.get_complaint_display()) for each in reports}))
    text = ngettext("%(count)d report: %(complaints)s", "%(count)d reports: %(complaints)s", len(reports))
    return text % {"count": len(reports), "complaints": complaints}
