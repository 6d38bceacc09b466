"""Reports of comments by readers: enough reports by known devices hide a comment until a moderator has reviewed it.

Reports can be misused, so their effect is bounded: they never hide comments of staff, and never more than a moderator
can review. Beyond that a comment stays public, and the moderators on duty are alerted
(comments/notifications/moderator_alerts.py). A moderator reviews every report.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.db.advisory_locks import acquire_locks
from comments.identity import Reader, create_device_id, device_created_at
from comments.models import MAX_REASON_LENGTH, Comment, Conversation, Decision, Report, ReportCategory
from comments.moderation.decide import decide
from comments.readers.form_limit import FormRefused
from comments.readers.report_weights import DAY, weigh_reports
from comments.statuses import Cause, Status

MIN_DEVICE_AGE = timedelta(hours=24)
# Limits of a network hold separately for known and for unknown devices: strangers do not use up those of readers.
MAX_REPORTS_PER_NETWORK = 20  # a comment; otherwise clients without cookies could add any number
DEVICE_REPORTS_PER_DAY = 30
NETWORK_REPORTS_PER_DAY = 300  # readers share addresses: a school, a carrier
# Maximum number of comments that are hidden by reports within a day and not yet reviewed.
MAX_HIDDEN_PER_AUTHOR, MAX_HIDDEN_PER_ARTICLE, MAX_HIDDEN_ON_SITE = 3, 5, 10


@transaction.atomic
def report(pk: int, reader: Reader, complaint: ReportCategory, note: str) -> str:
    """Store a report and return the device to set as cookie; one report a device, until the comment is edited.

    Raise FormRefused if the comment is not public or is the reader's own, and if a limit is reached.
    """
    # Parallel reports would not count each other otherwise.
    acquire_locks(f"reports of {reader.device or reader.network}")
    Conversation.lock(Comment.objects.values_list("article_id", flat=True).filter(pk=pk).first() or 0)
    comment = Comment.objects.approved().filter(pk=pk).first()
    if comment is None:
        raise FormRefused(_("This comment has been removed."))
    device = reader.device or create_device_id()
    if comment.device == device:
        raise FormRefused(_("This is your own comment. You can delete it instead."))
    if has_reported(comment, reader):
        return device
    is_known = _is_known(reader)
    of_network = comment.reports.filter(network=reader.network, is_counted=is_known).exclude(device=device)
    if len(of_network.values("pk")[:MAX_REPORTS_PER_NETWORK]) >= MAX_REPORTS_PER_NETWORK:
        raise FormRefused(_("This comment has already been reported from your network."))
    _check_daily_limits(reader, is_known=is_known)
    is_open_already = comment.reports.filter(device=device, reviewed_at=None).exists()  # about an earlier text
    said = {"complaint": complaint, "note": note, "network": reader.network, "at": timezone.now()}
    said |= {"is_counted": is_known, "reviewed_at": None}
    Report.objects.update_or_create(comment=comment, device=device, defaults=said)
    if not is_open_already:
        Comment.objects.filter(pk=pk).update(open_reports=F("open_reports") + 1)
    if comment.reviewed_at is None and comment.staff_id is None:
        _hide_if_threshold_reached(comment)
    return device


def has_reported(comment: Comment, reader: Reader) -> bool:
    """Return whether this device has reported the current text of the comment."""
    return comment.reports.about_current_text(comment).filter(device=reader.device or "").exists()


def _check_daily_limits(reader: Reader, *, is_known: bool) -> None:
    """Raise FormRefused if the device or the network has reached its daily limit."""
    today = Report.objects.filter(at__gt=timezone.now() - DAY)
    limits = [(today.filter(network=reader.network, is_counted=is_known), NETWORK_REPORTS_PER_DAY)]
    if reader.device:
        limits.append((today.filter(device=reader.device), DEVICE_REPORTS_PER_DAY))
    if any(len(reports.values("pk")[:most]) >= most for reports, most in limits):
        text = _("You’ve reached today’s limit for reports. Please try again tomorrow.")
        raise FormRefused(text, retry_after=int(DAY.total_seconds()))


def _is_known(reader: Reader) -> bool:
    """Return whether the device is older than a day or has an approved comment."""
    if reader.device is None:
        return False
    since = device_created_at(reader.device)
    is_old = since is not None and since < timezone.now() - MIN_DEVICE_AGE
    return is_old or Comment.objects.approved().filter(device=reader.device).exists()


def _hide_if_threshold_reached(comment: Comment) -> None:
    """Hide the comment if its reports weigh enough, or record in its history why it is not hidden.

    Only the first time is recorded.
    """
    reports = list(comment.reports.about_current_text(comment).filter(is_counted=True))
    weight = weigh_reports(reports)
    if weight.by_record < settings.COMMENT_REPORT_THRESHOLD:
        return
    if weight.in_rate < settings.COMMENT_REPORT_THRESHOLD:
        _record_not_hidden(comment, reports, _("Not hidden: the same readers report many comments."))
    elif why_not := _limit_reached_message(comment):
        _record_not_hidden(comment, reports, why_not)
    else:
        decide(comment, Status.PENDING, actor=None, cause=Cause.REPORTED, reason=_summary(reports))


def _limit_reached_message(comment: Comment) -> str:
    """Return why reports cannot hide the comment now; empty if they can."""
    acquire_locks("hiding of what is reported")
    hidden = list(Comment.objects.hidden_by_reports(timezone.now() - DAY).values_list("pk", "device", "article_id"))
    if sum(bool(device) and device == comment.device for _pk, device, _article in hidden) >= MAX_HIDDEN_PER_AUTHOR:
        return _("Not hidden: %d comments by this author are already hidden by reports and not yet reviewed.") % (
            MAX_HIDDEN_PER_AUTHOR
        )
    if sum(article == comment.article_id for _pk, _device, article in hidden) >= MAX_HIDDEN_PER_ARTICLE:
        return _("Not hidden: %d comments here are already hidden by reports and not yet reviewed.") % (
            MAX_HIDDEN_PER_ARTICLE
        )
    if len(hidden) >= MAX_HIDDEN_ON_SITE:
        return _("Not hidden: %d comments are already hidden by reports and not yet reviewed.") % MAX_HIDDEN_ON_SITE
    return ""


def _record_not_hidden(comment: Comment, reports: list[Report], why_not: str) -> None:
    """Write a Decision that keeps the status; it alerts the moderators."""
    if not Comment.objects.public_despite_reports().filter(pk=comment.pk).exists():
        reason = f"{why_not} {_summary(reports)}"[:MAX_REASON_LENGTH]
        state = {"from_status": comment.status, "to_status": comment.status, "cause": Cause.REPORTED}
        Decision.objects.create(comment=comment, reason=reason, **state)


def _summary(reports: list[Report]) -> str:
    complaints = ", ".join(sorted({str(each.get_complaint_display()) for each in reports}))
    text = ngettext("%(count)d report: %(complaints)s", "%(count)d reports: %(complaints)s", len(reports))
    return text % {"count": len(reports), "complaints": complaints}
