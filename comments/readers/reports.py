"""Readers report comments. Enough of those whom we know hide one until a moderator has looked at it.

Reports are also a weapon, so what they hide is bounded: nothing of staff, and no more than a moderator can look at.
Beyond that a comment stays public, and those on duty are alerted (letters/duty.py). Every report waits for a moderator.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.db.advisory_locks import one_at_a_time
from comments.identity import Reader, known_since, new_device
from comments.models import REASON_LENGTH, Comment, Complaint, Conversation, Decision, Report
from comments.moderation.decide import decide
from comments.readers.rate_limits import NotTaken
from comments.readers.report_weights import DAY, weigh
from comments.statuses import Cause, Status

KNOWN_AFTER = timedelta(hours=24)
KEPT_OF_A_NETWORK = 20  # reports of one comment, or whoever comes without a cookie could bury it in them
DEVICE_PER_DAY = 30
NETWORK_PER_DAY = 300  # readers share addresses: a school, a carrier
# Comments that reports have hidden within a day and that no moderator has looked at: the most, of each.
HIDDEN_OF_AUTHOR, HIDDEN_OF_ARTICLE, HIDDEN_OF_SITE = 3, 5, 10


@transaction.atomic
def report(pk: int, reader: Reader, complaint: Complaint, note: str) -> str:
    """Once a device, until the comment is edited. Returns the device to remember. Raises NotTaken."""
    one_at_a_time(f"reports of {reader.device or reader.network}")  # or those of one instant would not be counted
    Conversation.lock(Comment.objects.values_list("article_id", flat=True).filter(pk=pk).first() or 0)
    comment = Comment.objects.approved().filter(pk=pk).first()
    if comment is None:
        raise NotTaken(_("This comment has been removed."))
    device = reader.device or new_device()
    if comment.device == device:
        raise NotTaken(_("This is your own comment. You can delete it instead."))
    if has_reported(comment, reader):
        return device
    of_network = comment.reports.filter(network=reader.network).exclude(device=device)
    if len(of_network.values("pk")[:KEPT_OF_A_NETWORK]) >= KEPT_OF_A_NETWORK:
        raise NotTaken(_("This comment has already been reported from your network."))
    _refuse_beyond_the_day(reader)
    said = {"complaint": complaint, "note": note, "network": reader.network, "at": timezone.now()}
    said |= {"counts": _is_known(reader), "looked_at": None}
    Report.objects.update_or_create(comment=comment, device=device, defaults=said)
    Comment.objects.filter(pk=pk).update(open_reports=F("open_reports") + 1)
    if comment.looked_at is None and comment.staff_id is None:
        _hide_if_enough(comment)
    return device


def has_reported(comment: Comment, reader: Reader) -> bool:
    """Whether this device has reported what the comment says now."""
    return comment.reports.of_the_words_of(comment).filter(device=reader.device or "").exists()


def _refuse_beyond_the_day(reader: Reader) -> None:
    """Raises NotTaken."""
    today = Report.objects.filter(at__gt=timezone.now() - DAY)
    limits = [(today.filter(network=reader.network), NETWORK_PER_DAY)]
    if reader.device:
        limits.append((today.filter(device=reader.device), DEVICE_PER_DAY))
    if any(len(reports.values("pk")[:most]) >= most for reports, most in limits):
        text = _("You’ve reached today’s limit for reports. Please try again tomorrow.")
        raise NotTaken(text, retry_after=int(DAY.total_seconds()))


def _is_known(reader: Reader) -> bool:
    """Whether the device has been here for a day, or has written what a moderator or the rules let pass."""
    if reader.device is None:
        return False
    since = known_since(reader.device)
    is_old = since is not None and since < timezone.now() - KNOWN_AFTER
    return is_old or Comment.objects.approved().filter(device=reader.device).exists()


def _hide_if_enough(comment: Comment) -> None:
    """Hide the comment, or say in its history why it is not hidden; only the first time."""
    reports = list(comment.reports.of_the_words_of(comment).filter(counts=True))
    weight = weigh(reports)
    if weight.by_record < settings.COMMENT_REPORTS_TO_HOLD:
        return
    if weight.in_rate < settings.COMMENT_REPORTS_TO_HOLD:
        _keep(comment, reports, _("Not hidden: the same readers report many comments."))
    elif why_not := _too_many_hidden(comment):
        _keep(comment, reports, why_not)
    else:
        decide(comment, Status.HELD, by=None, cause=Cause.REPORTED, reason=_summary(reports))


def _too_many_hidden(comment: Comment) -> str:
    """Return why reports hide no more for now, empty if they do."""
    one_at_a_time("hiding of what is reported")
    hidden = list(Comment.objects.hidden_by_reports(timezone.now() - DAY).values_list("pk", "device", "article_id"))
    if sum(bool(device) and device == comment.device for _pk, device, _article in hidden) >= HIDDEN_OF_AUTHOR:
        return _("Not hidden: %d comments by this author are already hidden by reports and not yet reviewed.") % (
            HIDDEN_OF_AUTHOR
        )
    if sum(article == comment.article_id for _pk, _device, article in hidden) >= HIDDEN_OF_ARTICLE:
        return _("Not hidden: %d comments here are already hidden by reports and not yet reviewed.") % (
            HIDDEN_OF_ARTICLE
        )
    if len(hidden) >= HIDDEN_OF_SITE:
        return _("Not hidden: %d comments are already hidden by reports and not yet reviewed.") % HIDDEN_OF_SITE
    return ""


def _keep(comment: Comment, reports: list[Report], why_not: str) -> None:
    """Write a Decision that changes nothing: by it moderators are alerted."""
    if not Comment.objects.kept_despite_reports().filter(pk=comment.pk).exists():
        reason = f"{why_not} {_summary(reports)}"[:REASON_LENGTH]
        state = {"was": comment.status, "now": comment.status, "cause": Cause.REPORTED}
        Decision.objects.create(comment=comment, reason=reason, **state)


def _summary(reports: list[Report]) -> str:
    complaints = ", ".join(sorted({str(each.get_complaint_display()) for each in reports}))
    text = ngettext("%(count)d report: %(complaints)s", "%(count)d reports: %(complaints)s", len(reports))
    return text % {"count": len(reports), "complaints": complaints}
