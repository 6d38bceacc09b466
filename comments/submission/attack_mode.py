"""Attack mode: when too many new devices post, new devices have to solve a proof of work.

A device is new until one of its comments has been approved. The limits of an article and of the site are a multiple
of the usual rate of the last weeks. Readers with an approved comment are not affected. An attack ends after a quiet
period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from articles.models.singleton import SINGLETON_PK
from comments.db.advisory_locks import acquire_locks
from comments.db.compiled_query import TIME_MARK, BoundQuery, CompiledQuery, QueryResults
from comments.identity import Reader
from comments.models import Attack, Cluster, Comment, NewDevicePost, SitePolicy, UsualRate
from comments.models.attack import QUIET_PERIOD
from comments.rate_limits import NETWORK_NEW_DEVICES_PER_MINUTE
from comments.rules.facts import Arrival, Proof
from comments.submission.proof_of_work import CheckedProof

MINUTE = timedelta(minutes=1)
USUAL_RATE_FACTOR = 4  # times the usual rate
MIN_SITE_LIMIT, MIN_ARTICLE_LIMIT = 40, 20  # new devices a minute; fewer are never an attack
MAX_OF_A_NETWORK = 3  # counted devices; a single network cannot cause an attack, however many cookies it has
MAX_POSTS_READ = 2_000  # rows read for the last minute
SITE_WIDE = 0  # scope of an attack on the whole site; that of another attack is the id of its article
MIN_UPDATE_INTERVAL = timedelta(seconds=5)  # limits writes to the row of a running attack, except for its counter


class _HasDevice(Protocol):
    @property
    def device(self) -> str: ...

    @property
    def network(self) -> str: ...


class _Post(NamedTuple):
    article_id: int
    device: str
    network: str
    has_proof: bool
    proof_key: str


@dataclass(frozen=True)
class NewDeviceActivity:
    """Activity of new devices, read from the database when a comment arrives.

    `device` is the device of this comment: the one of its cookie, or a keyed hash of the submission. `site` and
    `article` count the other new devices of the last minute, at most MAX_OF_A_NETWORK of each network;
    `site_with_proof` and `article_with_proof` count those that solved a proof of work. `network` counts all other
    devices of the reader's network, `network_waited` those that waited instead of solving a proof of work. Articles
    that have an attack of their own do not count towards the site. `running` maps scopes (the id of an article, or
    None for the site) to ids of running attacks.
    """

    article_id: int
    device: str
    site: int
    article: int
    network: int
    network_waited: int
    site_with_proof: int
    article_with_proof: int
    site_limit: int
    article_limit: int
    mode: str
    running: dict[int, int]

    @property
    def exceeded_scope(self) -> int | None:
        """Return the scope whose limit this comment exceeds (the article's id or SITE_WIDE), or None."""
        if self.mode == SitePolicy.AttackMode.OFF:
            return None
        if self.article >= self.article_limit:
            return self.article_id
        return SITE_WIDE if self.mode == SitePolicy.AttackMode.ON or self.site >= self.site_limit else None

    @property
    def attack_id(self) -> int | None:
        """Return the id of the running attack that this comment is part of."""
        return self.running.get(self.article_id) or self.running.get(SITE_WIDE)

    @property
    def is_attack(self) -> bool:
        return self.mode != SitePolicy.AttackMode.OFF and (
            self.attack_id is not None or self.exceeded_scope is not None
        )

    def arrival(self) -> Arrival:
        return Arrival(
            is_new=True,
            is_attack=self.is_attack,
            network_last_minute=0 if self.mode == SitePolicy.AttackMode.OFF else self.network,
            network_waited=self.network_waited,
            is_crowded=self.site_with_proof >= self.site_limit or self.article_with_proof >= self.article_limit,
        )

    @property
    def is_worth_storing(self) -> bool:
        """Return whether to store one more post without a proof; beyond twice the limits it would change nothing.

        The limit of a network also keeps the posts of one network from displacing those of others.
        """
        if self.network >= 2 * NETWORK_NEW_DEVICES_PER_MINUTE:
            return False
        return self.article < 2 * self.article_limit and self.site < 2 * self.site_limit


def queries(now: datetime) -> dict[str, BoundQuery]:
    return {
        "new_devices": _POSTS_QUERY.bind(since=now - MINUTE, now=now),
        "attacks": _STATE_QUERY.bind(since=now - QUIET_PERIOD),
    }


def read_activity(
    results: QueryResults, reader: Reader, article_id: int, policy: SitePolicy, *, purpose: str = ""
) -> NewDeviceActivity:
    posts = [_Post(*row) for row in results["new_devices"]]
    usual_site, usual_article = next((row[1:] for row in results["attacks"] if row[0] == _KIND_USUAL_RATE), (0, 0))
    own = reader.device or _device_of(purpose, reader)
    running = {scope or SITE_WIDE: pk for kind, pk, scope in results["attacks"] if kind != _KIND_USUAL_RATE}
    here = [post for post in posts if post.article_id == article_id]
    near = [post for post in posts if post.network == reader.network]
    of_network = {post.device for post in near} - {own}
    calm = [post for post in posts if post.article_id not in running]
    return NewDeviceActivity(
        article_id=article_id,
        device=own,
        site=counted_devices(calm, besides=own),
        article=counted_devices(here, besides=own),
        network=len(of_network),
        network_waited=len({post.device for post in near if post.proof_key and not post.has_proof} - {own}),
        site_with_proof=counted_devices((post for post in calm if post.has_proof), besides=own),
        article_with_proof=counted_devices((post for post in here if post.has_proof), besides=own),
        site_limit=min(max(MIN_SITE_LIMIT, USUAL_RATE_FACTOR * usual_site), MAX_POSTS_READ),
        article_limit=min(max(MIN_ARTICLE_LIMIT, USUAL_RATE_FACTOR * usual_article), MAX_POSTS_READ),
        mode=policy.attack_mode,
        running=running,
    )


def new_device_posts(comment: Comment, activity: NewDeviceActivity, given: CheckedProof) -> list[NewDevicePost]:
    """Return the row to store with a comment of a new device, if any.

    A post with a proof is always stored, because a proof can be used only once.
    """
    if not given.key and not activity.is_worth_storing:
        return []
    post = NewDevicePost(comment_id=comment.pk, article_id=comment.article_id)
    post.device, post.network = activity.device, comment.network
    post.has_proof, post.proof_key = given.proof == Proof.SOLVED, given.key
    return [post]


def record_activity(activity: NewDeviceActivity, reader: Reader, *, is_challenged: bool) -> None:
    """Count a challenged post, and start or extend the attack that it belongs to.

    Call it outside the transaction of the comment, because a challenge rolls that transaction back.
    """
    if is_challenged and activity.is_worth_storing:
        NewDevicePost.objects.create(article_id=activity.article_id, device=activity.device, network=reader.network)
    scope = activity.exceeded_scope
    if scope is not None and scope not in activity.running:
        _start_attack(scope, activity, is_challenged=is_challenged)
    elif scope is not None:
        _extend_attack(activity.running[scope], scope, activity, is_challenged=is_challenged)
    elif is_challenged and activity.attack_id:
        Attack.objects.filter(pk=activity.attack_id).update(challenged_count=F("challenged_count") + 1)


def add_to_attack_cluster(comment: Comment, activity: NewDeviceActivity) -> None:
    """Add a held comment to the cluster of its attack; the comment must be stored already."""
    if activity.attack_id is None:
        return
    attack = Attack.objects.select_for_update().get(pk=activity.attack_id)
    if attack.cluster_id is None:
        attack.cluster = Cluster.objects.create(is_attack=True)
        attack.save(update_fields=["cluster"])
    Cluster.lock(attack.cluster_id or 0).add(comment.pk)


def _start_attack(scope: int, activity: NewDeviceActivity, *, is_challenged: bool) -> None:
    rate, limit = _rate_and_limit(scope, activity)
    with transaction.atomic():
        acquire_locks(f"attack on {scope or 'the site'}")
        running = Attack.objects.running().filter(article=scope or None).first()
        if running:
            _extend_attack(running.pk, scope, activity, is_challenged=is_challenged)
            return
        Attack.objects.create(
            article_id=scope or None,
            is_manual=activity.mode == SitePolicy.AttackMode.ON,
            rate=rate,
            limit=limit,
            challenged_count=int(is_challenged),
        )


def _extend_attack(pk: int, scope: int, activity: NewDeviceActivity, *, is_challenged: bool) -> None:
    now, attack = timezone.now(), Attack.objects.filter(pk=pk)
    rate, _limit = _rate_and_limit(scope, activity)
    if is_challenged:
        attack.update(challenged_count=F("challenged_count") + 1)
    stale = attack.filter(Q(last_exceeded_at__lt=now - MIN_UPDATE_INTERVAL) | Q(rate__lt=rate))
    stale.update(last_exceeded_at=now, rate=Greatest("rate", rate))


def _rate_and_limit(scope: int, activity: NewDeviceActivity) -> tuple[int, int]:
    if scope == SITE_WIDE:
        return activity.site + 1, activity.site_limit
    return activity.article + 1, activity.article_limit


def counted_devices(posts: Iterable[_HasDevice], *, besides: str = "") -> int:
    """Count devices, at most MAX_OF_A_NETWORK of each network."""
    of_network: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        if post.device != besides:
            of_network[post.network].add(post.device)
    return sum(min(len(devices), MAX_OF_A_NETWORK) for devices in of_network.values())


def _device_of(purpose: str, reader: Reader) -> str:
    """Return a substitute id for a device without a cookie; it is the same for a challenge and for its solution."""
    return salted_hmac(
        "comments.submission.attack_mode", f"{purpose} {reader.network}", algorithm="sha256"
    ).hexdigest()[:32]


def _recent_posts(since: datetime, now: datetime) -> QuerySet[NewDevicePost, tuple[Any, ...]]:
    recent = NewDevicePost.objects.filter(at__gt=since, at__lte=now).order_by("-at")
    return recent.values_list(*_Post._fields)[:MAX_POSTS_READ]


def _attacks_and_usual_rate(since: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    """Build one query for the running attacks and the usual rate."""
    running = Attack.objects.filter(last_exceeded_at__gt=since).order_by()
    usual = UsualRate.objects.filter(pk=SINGLETON_PK).order_by()
    return running.values_list(Value(_KIND_ATTACK), "pk", "article_id").union(
        usual.values_list(Value(_KIND_USUAL_RATE), "site", "article"), all=True
    )


_KIND_ATTACK, _KIND_USUAL_RATE = 1, 2
_POSTS_QUERY = CompiledQuery(NewDevicePost, _recent_posts, since=TIME_MARK, now=TIME_MARK + MINUTE)
_STATE_QUERY = CompiledQuery(Attack, _attacks_and_usual_rate, since=TIME_MARK)
