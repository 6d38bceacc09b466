"""Attack mode: when too many new devices write, new devices have to solve a proof of work.

A device is new until one of its comments has been approved. The limit is a multiple of what has been usual for weeks,
under one article and on the site. Trusted readers notice nothing; an attack ends when it has been quiet for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from articles.models.onerow import ONLY
from comments.facts import Arrival, Proof
from comments.locks import one_at_a_time
from comments.models import Attack, Comment, NewDevicePost, Raid, SitePolicy, UsualRate
from comments.models.attack import QUIET
from comments.preparedquery import Answers, Asked, PreparedQuery
from comments.readers import Reader, new_device

MINUTE = timedelta(minutes=1)
MULTIPLE = 4  # times what is usual
MIN_SITE_LIMIT, MIN_ARTICLE_LIMIT = 40, 20  # new devices a minute; fewer are never an attack
MAX_ROWS = 2_000  # posts of a minute that are read
REFRESH = timedelta(seconds=5)  # a running attack is not written to more often, but for its counter


class _Post(NamedTuple):
    article_id: int
    device: str
    network: str
    is_proven: bool


@dataclass(frozen=True)
class Situation:
    """What the database says about new devices at the moment when one comment arrives.

    `site`, `article` and `network` count the new devices of the last minute, this one not included; those that solved
    a proof of work are `proven_site` and `proven_article`. Articles that have an attack of their own do not count
    towards the site. `running` maps scopes (an article's id, or None for the site) to ids of running attacks.
    """

    article_id: int
    site: int
    article: int
    network: int
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


def situation(answers: Answers, reader: Reader, article_id: int, policy: SitePolicy) -> Situation:
    posts = [_Post(*row) for row in answers["new_devices"]]
    usual_site, usual_article = next((row[1:] for row in answers["attacks"] if row[0] == _IS_USUAL), (0, 0))
    own = reader.device or ""
    running = {scope: pk for kind, pk, scope in answers["attacks"] if kind != _IS_USUAL}
    here = [post for post in posts if post.article_id == article_id]
    calm = [post for post in posts if post.article_id not in running]
    return Situation(
        article_id=article_id,
        site=_devices(calm, own),
        article=_devices(here, own),
        network=_devices((post for post in posts if post.network == reader.network), own),
        proven_site=_devices((post for post in calm if post.is_proven), own),
        proven_article=_devices((post for post in here if post.is_proven), own),
        site_limit=min(max(MIN_SITE_LIMIT, MULTIPLE * usual_site), MAX_ROWS),
        article_limit=min(max(MIN_ARTICLE_LIMIT, MULTIPLE * usual_article), MAX_ROWS),
        mode=policy.attack_mode,
        running=running,
    )


def posts_of(comment: Comment, situation: Situation, proof: Proof) -> list[NewDevicePost]:
    """Return the row to store with a comment of a new device, if it is worth one."""
    is_proven = proof == Proof.SOLVED
    if not is_proven and not situation.is_counted:
        return []
    post = NewDevicePost(comment_id=comment.pk, article_id=comment.article_id, is_proven=is_proven)
    post.device, post.network = comment.device, comment.network
    return [post]


def note(situation: Situation, reader: Reader, *, is_challenged: bool) -> None:
    """Count a post that was challenged, and begin or prolong the attack that it belongs to.

    Call it outside the transaction of the comment, which a challenge rolls back.
    """
    if is_challenged and situation.is_counted:
        NewDevicePost.objects.create(
            article_id=situation.article_id, device=reader.device or new_device(), network=reader.network
        )
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


def _devices(posts: Iterable[_Post], besides: str) -> int:
    return len({post.device for post in posts} - {besides})


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
