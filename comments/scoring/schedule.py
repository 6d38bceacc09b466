"""When there is enough to learn from, and who does: one at a time."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from articles.models.singleton import ONLY
from comments.models import Learning
from comments.scoring.training_data import new_decisions

FEWEST = 50  # approved, and put away: from fewer nothing is learnt
FEWEST_HELD_OUT = 10  # of either sort, or there are no figures
ENOUGH_NEW = 100  # decisions of people since the last time
PAUSE = timedelta(hours=1)  # at least, between one time and the next, unless somebody asks
LEASE = timedelta(minutes=15)  # many times what it takes


def is_due() -> bool:
    learning, now = Learning.current(), timezone.now()
    if learning.leased_until and learning.leased_until > now:
        return False
    if learning.asked_at:
        return True
    if learning.tried_at and learning.tried_at > now - PAUSE:
        return False
    return new_decisions(after=learning.newest_decision, most=ENOUGH_NEW) == ENOUGH_NEW


def ask() -> None:
    """The worker sees it within a minute."""
    Learning.objects.update_or_create(pk=ONLY, defaults={"asked_at": timezone.now()})


def begin() -> bool:
    """Whether it is ours to learn now. Whoever began finishes; if they are killed, others may begin after LEASE."""
    now = timezone.now()
    Learning.objects.get_or_create(pk=ONLY)
    free = Learning.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now), pk=ONLY)
    return bool(free.update(leased_until=now + LEASE, tried_at=now))


def finish(*, newest_decision: int) -> None:
    _finish(newest_decision=newest_decision, problem="")


def give_up(problem: str) -> None:
    """`problem` is for editors."""
    Learning.objects.get_or_create(pk=ONLY)
    _finish(tried_at=timezone.now(), problem=problem[:300])


def _finish(**what: object) -> None:
    Learning.objects.filter(pk=ONLY).update(leased_until=None, asked_at=None, **what)
