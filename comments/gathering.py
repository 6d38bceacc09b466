"""What the rules may know about some words and whoever sends them: gathered once, in a few short look-ups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from comments import names, rules
from comments.blocking import blocks_on
from comments.facts import DeviceRecord, Facts
from comments.learning.scores import NO_SCORES, Scores
from comments.learning.scoring import score
from comments.learning.thresholds import over_thresholds
from comments.links import links_in
from comments.listed import listed
from comments.models import Comment, Conversation, SitePolicy
from comments.preparedquery import PreparedQuery
from comments.raids import Alike
from comments.readers import Reader
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
    past = own.filter(created_at__lte=now)  # a clock that was set back makes nobody wait for what they wrote before
    times = list(past.newest().values_list("created_at", flat=True)[: rules.DEVICE_PER_HOUR])
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
    return len(_OF_NETWORK.rows(network=reader.network, since=now - MINUTE, now=now))


def _is_name_of_another(draft: Draft, reader: Reader) -> bool:
    """Whether some other device has made this name its own, and this one has not. Looks at the latest uses."""
    key = names.key(draft.name)
    if draft.staff or not key:
        return False
    by_device = Counter(device for (device,) in _UNDER_NAME.rows(key=key))
    mine = by_device.pop(reader.device or "", 0)
    return mine < rules.OWN_NAME and any(theirs >= rules.OWN_NAME for theirs in by_device.values())


def _is_repeated_elsewhere(conversation: Conversation, draft: Draft, reader: Reader, now: datetime) -> bool:
    return any(
        article != conversation.article_id
        and (reader.network == network or (reader.device is not None and reader.device == device))
        for article, network, device in _OF_TEXT.rows(text=hash_of(draft.text), since=now - SAME_TEXT)
    )


def _of_network(network: str, since: datetime, now: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    recent = Comment.objects.filter(network=network, created_at__gt=since, created_at__lte=now)
    return recent.newest().values_list("pk")[: rules.NETWORK_FLOODS]


def _of_text(text: str, since: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    same = Comment.objects.filter(text_hash=text, created_at__gt=since)
    return same.newest().values_list("article_id", "network", "device")[:1000]


def _under_name(key: str) -> QuerySet[Comment, tuple[Any, ...]]:
    uses = Comment.objects.approved().filter(name_key=key).exclude(device="")
    return uses.newest().values_list("device")[:USES_OF_A_NAME]


_TEXT, _TIME = "\N{PILCROW SIGN}", datetime(1, 2, 3, tzinfo=UTC)
_NOW = _TIME + MINUTE
_OF_NETWORK = PreparedQuery(Comment, _of_network, network=_TEXT, since=_TIME, now=_NOW)
_OF_TEXT = PreparedQuery(Comment, _of_text, text=_TEXT, since=_TIME)
_UNDER_NAME = PreparedQuery(Comment, _under_name, key=_TEXT)


def scores_for(draft: Draft) -> Scores:
    """Asked before the transaction: should it fail, that is not to be lost with it. Staff are not scored."""
    return NO_SCORES if draft.staff else score(draft.text)


def hash_of(text: str) -> str:
    """The same for texts that differ in case and blanks alone."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:32]
