"""Attack mode: when too many new devices write, new devices have to solve a proof of work.

A device is new until one of its comments has been approved. The limit is a multiple of what has been usual for weeks,
under one article and on the site. Trusted readers notice nothing; an attack ends when it has been quiet for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from articles.models.singleton import ONLY
from comments.db.advisory_locks import one_at_a_time
from comments.db.compiled_query import Answers, Asked, PreparedQuery
from comments.identity import Reader
from comments.models import Attack, Comment, NewDevicePost, Raid, SitePolicy, UsualRate
from comments.models.attack import QUIET
from comments.rules.facts import Arrival, Proof
from comments.submission.proof_of_work import Given

MINUTE = timedelta(minutes=1)
MULTIPLE = 4  # times what is usual
MIN_SITE_LIMIT, MIN_ARTICLE_LIMIT = 40, 20  # new devices a minute; fewer are never an attack
MAX_OF_A_NETWORK = 3  # devices that count; so one network cannot make an attack, however many cookies it has
MAX_ROWS = 2_000  # posts of a minute that are read
REFRESH = timedelta(seconds=5)  # a running attack is not written to more often, but for its counter


class _HasDevice(Protocol):
    @property
    def device(self) -> str: ...

    @property
    def network(self) -> str: ...


class _Post(NamedTuple):
    article_id: int
    device: str
    network: str
    is_proven: bool
    proof_key: str


@dataclass(frozen=True)
class Situation:
    """What the database says about new devices at the moment when one comment arrives.

    `device` is this one: its cookie's, or a keyed hash of the submission. `site` and `article` count the other new
    devices of the last minute, of each network at most MAX_OF_A_NETWORK; those that solved a proof of work are
    `proven_site` and `proven_article`. `network` counts all of the reader's network, `network_waited` those that waited
    instead of a proof of work. Articles that have an attack of their own do not count
    towards the site. `running` maps scopes (an article's id, or None for the site) to ids of running attacks.
    """

    article_id: int
    device: str
    site: int
    article: int
    network: int
    network_waited: int
    proven_site: int
    proven_article: int
    site_limit: int
    article_limit: int
    mode: str
    running: dict[int | None, int]

    @property
    def exceeded(self) -> int | bool | None:
        """Return the scope whose limit this comment exceeds: the article's id, None for the site, or False."""
        if self.mode == SitePolicy.AttackMode.OFF:
            return False
        if self.article >= self.article_limit:
            return self.article_id
        return None if self.mode == SitePolicy.AttackMode.ON or self.site >= self.site_limit else False

    @property
    def attack(self) -> int | None:
        """Return the id of the running attack that this comment is part of."""
        return self.running.get(self.article_id) or self.running.get(None)

    @property
    def is_attack(self) -> bool:
        return self.mode != SitePolicy.AttackMode.OFF and (self.attack is not None or self.exceeded is not False)

    def arrival(self) -> Arrival:
        return Arrival(
            is_new=True,
            is_attack=self.is_attack,
            network_last_minute=0 if self.mode == SitePolicy.AttackMode.OFF else self.network,
            network_waited=self.network_waited,
            is_crowded=self.proven_site >= self.site_limit or self.proven_article >= self.article_limit,
        )

    @property
    def is_counted(self) -> bool:
        """Tell whether one more post without a proof is worth a row: beyond twice the limit it changes nothing."""
        return self.article < 2 * self.article_limit and self.site < 2 * self.site_limit


def questions(now: datetime) -> dict[str, Asked]:
    return {
        "new_devices": _POSTS.given(since=now - MINUTE, now=now),
        "attacks": _STATE.given(since=now - QUIET),
    }


def situation(answers: Answers, reader: Reader, article_id: int, policy: SitePolicy, *, purpose: str = "") -> Situation:
    posts = [_Post(*row) for row in answers["new_devices"]]
    usual_site, usual_article = next((row[1:] for row in answers["attacks"] if row[0] == _IS_USUAL), (0, 0))
    own = reader.device or _device_of(purpose, reader)
    running = {scope: pk for kind, pk, scope in answers["attacks"] if kind != _IS_USUAL}
    here = [post for post in posts if post.article_id == article_id]
    near = [post for post in posts if post.network == reader.network]
    of_network = {post.device for post in near} - {own}
    calm = [post for post in posts if post.article_id not in running]
    return Situation(
        article_id=article_id,
        device=own,
        site=counted_devices(calm, besides=own),
        article=counted_devices(here, besides=own),
        network=len(of_network),
        network_waited=len({post.device for post in near if post.proof_key and not post.is_proven} - {own}),
        proven_site=counted_devices((post for post in calm if post.is_proven), besides=own),
        proven_article=counted_devices((post for post in here if post.is_proven), besides=own),
        site_limit=min(max(MIN_SITE_LIMIT, MULTIPLE * usual_site), MAX_ROWS),
        article_limit=min(max(MIN_ARTICLE_LIMIT, MULTIPLE * usual_article), MAX_ROWS),
        mode=policy.attack_mode,
        running=running,
    )


def posts_of(comment: Comment, situation: Situation, given: Given) -> list[NewDevicePost]:
    """Return the row to store with a comment of a new device, if it is worth one. A proof always is: it is used up."""
    if not given.key and not situation.is_counted:
        return []
    post = NewDevicePost(comment_id=comment.pk, article_id=comment.article_id)
    post.device, post.network = situation.device, comment.network
    post.is_proven, post.proof_key = given.proof == Proof.SOLVED, given.key
    return [post]


def note(situation: Situation, reader: Reader, *, is_challenged: bool) -> None:
    """Count a post that was challenged, and begin or prolong the attack that it belongs to.

    Call it outside the transaction of the comment, which a challenge rolls back.
    """
    if is_challenged and situation.is_counted:
        NewDevicePost.objects.create(article_id=situation.article_id, device=situation.device, network=reader.network)
    scope = situation.exceeded
    if scope is not False and scope not in situation.running:
        _begin(scope, situation, is_challenged=is_challenged)
    elif scope is not False:
        _prolong(situation.running[scope], scope, situation, is_challenged=is_challenged)
    elif is_challenged and situation.attack:
        Attack.objects.filter(pk=situation.attack).update(challenged=F("challenged") + 1)


def hold_in_attack(comment: Comment, situation: Situation) -> None:
    """Put a comment that was held into the one row that the queue has for the attack; the comment is stored."""
    if situation.attack is None:
        return
    attack = Attack.objects.select_for_update().get(pk=situation.attack)
    if attack.raid_id is None:
        attack.raid = Raid.objects.create(is_attack=True)
        attack.save(update_fields=["raid"])
    Raid.lock(attack.raid_id or 0).take_in(comment.pk)


def _begin(scope: int | None, situation: Situation, *, is_challenged: bool) -> None:
    rate, limit = _rate_and_limit(scope, situation)
    with transaction.atomic():
        one_at_a_time(f"attack on {scope or 'the site'}")
        running = Attack.objects.running().filter(article=scope).first()
        if running:
            _prolong(running.pk, scope, situation, is_challenged=is_challenged)
            return
        Attack.objects.create(
            article_id=scope,
            is_switched_on=situation.mode == SitePolicy.AttackMode.ON,
            rate=rate,
            limit=limit,
            challenged=int(is_challenged),
        )


def _prolong(pk: int, scope: int | None, situation: Situation, *, is_challenged: bool) -> None:
    now, attack = timezone.now(), Attack.objects.filter(pk=pk)
    rate, _limit = _rate_and_limit(scope, situation)
    if is_challenged:
        attack.update(challenged=F("challenged") + 1)
    stale = attack.filter(Q(exceeded_at__lt=now - REFRESH) | Q(rate__lt=rate))
    stale.update(exceeded_at=now, rate=Greatest("rate", rate))


def _rate_and_limit(scope: int | None, situation: Situation) -> tuple[int, int]:
    if scope is None:
        return situation.site + 1, situation.site_limit
    return situation.article + 1, situation.article_limit


def counted_devices(posts: Iterable[_HasDevice], *, besides: str = "") -> int:
    """Count devices, of each network at most MAX_OF_A_NETWORK."""
    of_network: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        if post.device != besides:
            of_network[post.network].add(post.device)
    return sum(min(len(devices), MAX_OF_A_NETWORK) for devices in of_network.values())


def _device_of(purpose: str, reader: Reader) -> str:
    """Return what stands for a device without a cookie: the same for a challenge and for its answer."""
    return salted_hmac(
        "comments.submission.attack_mode", f"{purpose} {reader.network}", algorithm="sha256"
    ).hexdigest()[:32]


def _posts(since: datetime, now: datetime) -> QuerySet[NewDevicePost, tuple[Any, ...]]:
    recent = NewDevicePost.objects.filter(at__gt=since, at__lte=now).order_by("-at")
    return recent.values_list(*_Post._fields)[:MAX_ROWS]


def _state(since: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    """Build one query for the running attacks and for what is usual."""
    running = Attack.objects.filter(exceeded_at__gt=since).order_by()
    usual = UsualRate.objects.filter(pk=ONLY).order_by()
    return running.values_list(Value(_IS_ATTACK), "pk", "article_id").union(
        usual.values_list(Value(_IS_USUAL), "site", "article"), all=True
    )


_IS_ATTACK, _IS_USUAL = 1, 2
_TIME = datetime(1, 2, 3, tzinfo=UTC)
_POSTS = PreparedQuery(NewDevicePost, _posts, since=_TIME, now=_TIME + MINUTE)
_STATE = PreparedQuery(Attack, _state, since=_TIME)
