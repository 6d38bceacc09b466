"""Which letters an event makes, and whether one still holds when it is due."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from comments.models import Comment, Decision, Declined, Letter, Replies, Subscription
from comments.notifications.moderator_alerts import alert_since, is_on_duty, waits_since
from comments.statuses import Cause, Status

AFTER_A_DECISION = timedelta(minutes=10)  # time for a moderator to undo it
DIGEST_AT = time(7)  # in the site's time zone

_BY_CHOICE = {Cause.DECIDED, Cause.RETURNED, Cause.UNDONE}
_TOLD = {Status.APPROVED: Letter.Kind.APPROVED, Status.REJECTED: Letter.Kind.REJECTED}


def announce(decision: Decision) -> list[Letter]:
    """The letters that follow from this decision, in its transaction: to the author, and to whom they reply.

    An import makes none: what was said elsewhere long ago is no news.
    """
    if decision.cause == Cause.IMPORTED:
        return []
    comment = decision.comment
    author = comment.device if _concerns_the_author(decision) else ""
    replied_to = comment.parent.device if comment.parent and _makes_public(decision) else ""
    subscriptions = _of_devices(author, replied_to)
    letters = [_tell_the_author(decision, subscriptions.get(author))]
    if replied_to != comment.device:
        letters.append(_tell_who_was_replied_to(comment, subscriptions.get(replied_to)))
    return [letter for letter in letters if letter]


def _concerns_the_author(decision: Decision) -> bool:
    is_by_a_person = decision.by_id is not None and decision.cause in _BY_CHOICE
    return is_by_a_person and decision.now != decision.was and decision.now in _TOLD


def _makes_public(decision: Decision) -> bool:
    return decision.now == Status.APPROVED != decision.was


def _tell_the_author(decision: Decision, subscription: Subscription | None) -> Letter | None:
    if subscription is None:
        return None
    return Letter.objects.create(
        kind=_TOLD[Status(decision.now)],
        subscription=subscription,
        decision=decision,
        due_at=decision.at + AFTER_A_DECISION,
    )


def _tell_who_was_replied_to(reply: Comment, subscription: Subscription | None) -> Letter | None:
    if subscription is None or subscription.replies == Replies.NEVER:
        return None
    now = timezone.now()
    due_at = next_digest(now) if subscription.replies == Replies.DAILY else now
    letter, is_new = Letter.objects.get_or_create(
        subscription=subscription, comment=reply, defaults={"kind": Letter.Kind.REPLY, "due_at": due_at}
    )
    if is_new:
        return letter
    hidden_when_due = Letter.objects.filter(pk=letter.pk, state=Letter.State.CANCELLED)
    return letter if hidden_when_due.update(state=Letter.State.WAITING, due_at=due_at, envelope=None) else None


def _of_devices(*devices: str) -> dict[str, Subscription]:
    """Held until the transaction ends: whoever stops one meanwhile waits, and then takes the new letter along.

    In one order, so that two decisions about the same people do not wait in a circle.
    """
    known = {device for device in devices if device}
    if not known:
        return {}
    wanted = Subscription.objects.filter(device__in=known).order_by("pk")
    return {subscription.device: subscription for subscription in wanted.select_for_update(no_key=True)}


def next_digest(now: datetime) -> datetime:
    local = timezone.localtime(now)
    at = local.replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def still_holds(letter: Letter) -> bool:
    """Whether the one it is for still wants it, and what it says is still so."""
    subscription = letter.subscription
    if subscription is None:
        since = alert_since if letter.kind == Letter.Kind.ALERT else waits_since
        return letter.user is not None and is_on_duty(letter.user) and since() is not None
    if letter.kind == Letter.Kind.CONFIRM:
        return not subscription.is_confirmed() and not Declined.includes(subscription.address)
    if not subscription.is_confirmed():
        return False
    if letter.kind == Letter.Kind.REPLY:
        return subscription.replies != Replies.NEVER and letter.comment is not None and _is_news(letter.comment)
    return subscription.decisions and letter.decision is not None and _stands(letter.decision)


def _is_news(reply: Comment) -> bool:
    is_withdrawn = reply.parent is not None and reply.parent.is_withdrawn()
    return reply.is_public() and reply.article.is_public() and not is_withdrawn


def _stands(decision: Decision) -> bool:
    """It was not undone, is the one by which the comment is what it is, and is news to its author."""
    comment = decision.comment
    history = [each for each in comment.decisions.order_by("at", "pk") if each.was != each.now]
    is_seen = comment.status == Status.REJECTED or comment.article.is_public()
    return history[-1] == decision and comment.status == decision.now != _last_told(comment, history[0]) and is_seen


def _last_told(comment: Comment, first: Decision) -> int:
    """The state that the author knows of: by the latest letter, else by what the page said after posting."""
    told = Letter.objects.filter(decision__comment=comment, state=Letter.State.SENT).order_by("sent_at", "pk").last()
    return told.decision.now if told and told.decision else first.now
