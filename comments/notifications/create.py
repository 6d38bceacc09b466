"""Creation of notifications for an event, and the check before delivery that they are still valid."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from comments.models import Comment, Decision, Notification, ReplyFrequency, Subscription, SuppressedAddress
from comments.notifications.moderator_alerts import is_on_duty, last_unhandled_alert, overdue_since
from comments.statuses import Cause, Status

DECISION_DELAY = timedelta(minutes=10)  # time for a moderator to undo the decision
DIGEST_TIME = time(7)  # in the site's time zone

_NOTIFYING_CAUSES = {Cause.DECIDED, Cause.RETURNED, Cause.UNDONE}
_KIND_OF_STATUS = {Status.APPROVED: Notification.Kind.APPROVED, Status.REJECTED: Notification.Kind.REJECTED}


def create_notifications(decision: Decision) -> list[Notification]:
    """Create the notifications that follow from a decision: to the author and to the parent's author.

    Call this in the transaction of the decision. An import creates none, because its decisions are old.
    """
    if decision.cause == Cause.IMPORTED:
        return []
    comment = decision.comment
    author = comment.device if _concerns_the_author(decision) else ""
    replied_to = comment.parent.device if comment.parent and _makes_public(decision) else ""
    subscriptions = _lock_subscriptions(author, replied_to)
    notifications = [_notify_author(decision, subscriptions.get(author))]
    if replied_to != comment.device:
        notifications.append(_notify_parent_author(comment, subscriptions.get(replied_to)))
    return [notification for notification in notifications if notification]


def _concerns_the_author(decision: Decision) -> bool:
    is_by_a_person = decision.actor_id is not None and decision.cause in _NOTIFYING_CAUSES
    return is_by_a_person and decision.to_status != decision.from_status and decision.to_status in _KIND_OF_STATUS


def _makes_public(decision: Decision) -> bool:
    return decision.to_status == Status.APPROVED != decision.from_status


def _notify_author(decision: Decision, subscription: Subscription | None) -> Notification | None:
    if subscription is None:
        return None
    return Notification.objects.create(
        kind=_KIND_OF_STATUS[Status(decision.to_status)],
        subscription=subscription,
        decision=decision,
        due_at=decision.at + DECISION_DELAY,
    )


def _notify_parent_author(reply: Comment, subscription: Subscription | None) -> Notification | None:
    if subscription is None or subscription.replies == ReplyFrequency.NEVER:
        return None
    now = timezone.now()
    due_at = next_digest(now) if subscription.replies == ReplyFrequency.DAILY else now
    notification, is_new = Notification.objects.get_or_create(
        subscription=subscription, comment=reply, defaults={"kind": Notification.Kind.REPLY, "due_at": due_at}
    )
    if is_new:
        return notification
    hidden_when_due = Notification.objects.filter(pk=notification.pk, state=Notification.State.CANCELLED)
    return notification if hidden_when_due.update(state=Notification.State.PENDING, due_at=due_at, batch=None) else None


def _lock_subscriptions(*devices: str) -> dict[str, Subscription]:
    """Lock the subscriptions until the transaction ends, by device.

    A concurrent unsubscribe waits and then deletes the new notification, too. The fixed lock order avoids deadlocks
    between two decisions about the same readers.
    """
    known = {device for device in devices if device}
    if not known:
        return {}
    wanted = Subscription.objects.filter(device__in=known).order_by("pk")
    return {subscription.device: subscription for subscription in wanted.select_for_update(no_key=True)}


def next_digest(now: datetime) -> datetime:
    local = timezone.localtime(now)
    at = local.replace(hour=DIGEST_TIME.hour, minute=DIGEST_TIME.minute, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def is_still_valid(notification: Notification) -> bool:
    """Return whether the recipient still wants the notification and its content is still true."""
    subscription = notification.subscription
    if subscription is None:
        since = last_unhandled_alert if notification.kind == Notification.Kind.ALERT else overdue_since
        return notification.user is not None and is_on_duty(notification.user) and since() is not None
    if notification.kind == Notification.Kind.CONFIRM:
        return not subscription.is_confirmed() and not SuppressedAddress.includes(subscription.address)
    if not subscription.is_confirmed():
        return False
    if notification.kind == Notification.Kind.REPLY:
        return (
            subscription.replies != ReplyFrequency.NEVER
            and notification.comment is not None
            and _is_reply_visible(notification.comment)
        )
    return subscription.decisions and notification.decision is not None and _is_decision_current(notification.decision)


def _is_reply_visible(reply: Comment) -> bool:
    is_withdrawn = reply.parent is not None and reply.parent.is_withdrawn()
    return reply.is_public() and reply.article.is_public() and not is_withdrawn


def _is_decision_current(decision: Decision) -> bool:
    """Return whether the decision determines the comment's present status and is news to its author.

    An undone decision is not current.
    """
    comment = decision.comment
    history = [each for each in comment.decisions.order_by("at", "pk") if each.from_status != each.to_status]
    is_seen = comment.status == Status.REJECTED or comment.article.is_public()
    return (
        history[-1] == decision
        and comment.status == decision.to_status != _last_known_status(comment, history[0])
        and is_seen
    )


def _last_known_status(comment: Comment, first: Decision) -> int:
    """Return the status that the author knows.

    It is the status in the last email, otherwise the status shown after posting.
    """
    told = (
        Notification.objects.filter(decision__comment=comment, state=Notification.State.SENT)
        .order_by("sent_at", "pk")
        .last()
    )
    return told.decision.to_status if told and told.decision else first.to_status
