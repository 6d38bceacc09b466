"""What the rules may know about some words and whoever sends them: gathered once, in a few short look-ups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from comments import names, rules
from comments.blocking import blocks_on
from comments.learning.scores import NO_SCORES, Scores
from comments.learning.scoring import score
from comments.learning.thresholds import over_thresholds
from comments.links import links_in
from comments.listed import listed
from comments.models import Comment, Conversation, SitePolicy
from comments.raids import Alike
from comments.readers import Reader
from comments.rules import DeviceRecord, Facts
from comments.statuses import Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SAME_TEXT = timedelta(days=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
USES_OF_A_NAME = 500


@dataclass(frozen=True)
class Draft:
    """A comment whose shape is right. `rendered_at` is None when the form came without a time.

    `staff` is whoever writes it while logged in; `name` is then that person's.
    """

    text: str
    name: str
    parent: Comment | None = None
    rendered_at: datetime | None = None
    honeypot: str = ""
    staff: User | None = None


def gather(
    conversation: Conversation,
    draft: Draft,
    reader: Reader,
    *,
    scores: Scores = NO_SCORES,
    edited: Comment | None = None,
    alike: Alike | None = None,
) -> Facts:
    """`scores` are those of the text. `edited` is the comment that gets these words: what it has earned itself speaks
    neither for them nor against.
    """
    now = timezone.now()
    policy = SitePolicy.current()
    links = links_in(draft.text)
    is_staff = draft.staff is not None
    return Facts(
        text=draft.text,
        name=draft.name,
        link_count=len(links),
        policy=conversation.policy_now(policy),
        honeypot=draft.honeypot,
        since_rendered=(now - draft.rendered_at).total_seconds() if draft.rendered_at else None,
        network_last_minute=_network_last_minute(reader, now),
        is_repeated_elsewhere=_is_repeated_elsewhere(conversation, draft, reader, now),
        is_staff=is_staff,
        is_name_of_another=_is_name_of_another(draft, reader),
        device=_record(reader.device, now, edited),
        devices_alike=alike.devices_besides(reader.device) if alike and not is_staff else 0,
        blocks=() if is_staff else blocks_on(reader, draft.name, links),
        listed=() if is_staff else listed(draft.text, draft.name, links),
        over_thresholds=() if is_staff else over_thresholds(draft.text, scores, policy),
    )


def _record(device: str | None, now: datetime, edited: Comment | None) -> DeviceRecord:
    """What this device has done here before, in three short look-ups."""
    if device is None:
        return DeviceRecord()
    own = Comment.objects.filter(device=device).exclude(pk=edited.pk if edited else 0)
    times = list(own.newest().values_list("created_at", flat=True)[: rules.DEVICE_PER_HOUR])
    approved = own.approved().values("pk")[: max(1, settings.COMMENT_TRUSTED_AFTER)]
    since, punishing = now - timedelta(days=rules.PUNISHED_DAYS), [Status.REJECTED, Status.SPAM]
    withdrawn = Q(status=Status.WITHDRAWN, decisions__now=Status.WITHDRAWN, decisions__was__in=punishing)
    punished = own.filter(Q(status__in=punishing) | withdrawn, decided_at__gte=since)  # withdrawing washes nothing off
    return DeviceRecord(
        waits=_wait(times, now),
        approved_before=len(approved),
        was_punished=punished.exists(),
        absent_days=(now - times[0]).days if times else None,
    )


def _wait(times: list[datetime], now: datetime) -> int:
    """Whole seconds until one more comment keeps within both limits; `times` has the newest first."""
    free_again = [
        times[limit - 1] + window
        for limit, window in [(rules.DEVICE_PER_MINUTE, MINUTE), (rules.DEVICE_PER_HOUR, HOUR)]
        if len(times) >= limit
    ]
    seconds = max(((at - now).total_seconds() for at in free_again), default=0)
    return max(0, -int(-seconds // 1))


def _network_last_minute(reader: Reader, now: datetime) -> int:
    recent = Comment.objects.filter(network=reader.network, created_at__gt=now - MINUTE)
    return len(recent.values("pk")[: rules.NETWORK_PER_MINUTE])


def _is_name_of_another(draft: Draft, reader: Reader) -> bool:
    """Whether some other device has made this name its own, and this one has not. Looks at the latest uses."""
    key = names.key(draft.name)
    if draft.staff or not key:
        return False
    uses = Comment.objects.approved().filter(name_key=key).exclude(device="").newest()
    by_device = Counter(uses.values_list("device", flat=True)[:USES_OF_A_NAME])
    mine = by_device.pop(reader.device or "", 0)
    return mine < rules.OWN_NAME and any(theirs >= rules.OWN_NAME for theirs in by_device.values())


def _is_repeated_elsewhere(conversation: Conversation, draft: Draft, reader: Reader, now: datetime) -> bool:
    same_text = Comment.objects.filter(text_hash=hash_of(draft.text), created_at__gt=now - SAME_TEXT)
    elsewhere = same_text.exclude(article_id=conversation.article_id)
    return any(
        reader.network == network or (reader.device is not None and reader.device == device)
        for network, device in elsewhere.values_list("network", "device")[:1000]
    )


def scores_for(draft: Draft) -> Scores:
    """Asked before the transaction: should it fail, that is not to be lost with it. Staff are not scored."""
    return NO_SCORES if draft.staff else score(draft.text)


def hash_of(text: str) -> str:
    """The same for texts that differ in case and blanks alone."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:32]
