"""Many write nearly the same within a day: found when a comment comes in, kept together from the third one on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from comments.db.compiled_query import Asked, PreparedQuery
from comments.models import Comment, Raid, Trace
from comments.text.fingerprints import KEYS, Likeness

A_RAID = 3  # comments that are like each other
A_RAID_OF_FEW_WORDS = 10  # what is short, many may say
REMEMBERED = timedelta(days=1)
TOGETHER = timedelta(hours=1)
COMPARED = 10  # comments; those that share the most
COUNTED = 50

_TRACES_READ = COMPARED * KEYS


@dataclass(frozen=True)
class Alike:
    """What is like some new words: comments, and the keys that these share with them.

    `repeated` has those too that are like them only with what both quote.
    """

    likeness: Likeness
    comments: tuple[Comment, ...] = ()
    repeated: tuple[Comment, ...] = ()
    known_keys: frozenset[int] = frozenset()

    @property
    def number(self) -> int:
        """Comments that make a raid."""
        return A_RAID_OF_FEW_WORDS if self.likeness.has_few_words else A_RAID

    @property
    def raid(self) -> int | None:
        """The oldest, if they are in several."""
        raids = (comment.raid for comment in self.comments)
        return min((raid.pk for raid in raids if raid and not raid.is_attack), default=None)

    def devices_besides(self, device: str | None) -> int:
        """How many other devices have written the like within the hour, at most COUNTED; 0 as long as it is no raid."""
        since = timezone.now() - TOGETHER
        if self.raid:
            together = Comment.objects.filter(raid=self.raid, created_at__gt=since)
            devices = set(together.newest().values_list("device", flat=True)[:COUNTED])
        else:
            devices = {comment.device for comment in self.comments if comment.created_at > since}
        others = len(devices - {device})
        return others if others >= self.number - 1 else 0


def turn_of(likeness: Likeness) -> list[str]:
    """The name under which what is alike comes in one at a time, before it is asked for: or what comes in at one
    instant would not be seen to be alike.
    """
    return [f"like {key}" for key in likeness.keys[:1]]


def asked_for_traces(likeness: Likeness) -> Asked:
    return _TRACES.given_each(likeness.keys)


def alike(likeness: Likeness, rows: Iterable[tuple[Any, ...]], *, edited: Comment | None = None) -> Alike:
    """What was written within a day and is like this, among what `asked_for_traces` has found."""
    since, besides = timezone.now() - REMEMBERED, edited and edited.pk
    traces = sorted((_Trace(*row) for row in rows), reverse=True)
    found = [each for each in traces if each.at > since and each.comment_id != besides][:_TRACES_READ]
    shared = Counter(trace.comment_id for trace in found)
    comments = Comment.objects.select_related("raid").in_bulk(list(shared)) if found else {}
    nearest = sorted(comments, key=lambda pk: (-shared[pk], pk))[:COMPARED]
    repeated = {comments[pk]: _likeness_of_stored(comments[pk].text) for pk in nearest}
    repeated = {comment: stored for comment, stored in repeated.items() if likeness.repeats(stored)}
    like = [comment for comment, stored in repeated.items() if likeness.is_like(stored)]
    pks = {comment.pk for comment in like}
    return Alike(
        likeness, tuple(like), tuple(repeated), frozenset(trace.key for trace in found if trace.comment_id in pks)
    )


@lru_cache(maxsize=100)  # while a wave lasts, each new comment is compared with the same ones
def _likeness_of_stored(text: str) -> Likeness:
    return Likeness.of(text)


class _Trace(NamedTuple):
    pk: int
    key: int
    comment_id: int
    at: datetime


def _traces(key: int) -> QuerySet[Trace, tuple[Any, ...]]:
    return Trace.objects.filter(key=key).order_by("-pk").values_list(*_Trace._fields)[:_TRACES_READ]


_TRACES = PreparedQuery(Trace, _traces, key=1_000_000_001)


def traces_of(comment: Comment, found: Alike) -> list[Trace]:
    """To be stored with the comment. Of a raid each key is kept once: then one is found as quickly among thousands."""
    keys = found.likeness.keys
    return [Trace(key=key, comment_id=comment.pk) for key in keys if not found.raid or key not in found.known_keys]


def join(comment: Comment, found: Alike) -> None:
    """In the transaction that stores the comment, or its new words: puts it together with those that are like it."""
    if not found.comments:
        return
    strays = [each.pk for each in found.comments if each.raid_id is None]
    free = Comment.objects.filter(pk__in=strays, raid=None).order_by("pk")
    taken = list(free.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)) if strays else []
    if found.raid:
        raid = Raid.lock(found.raid)
    elif len(taken) + 1 >= found.number:
        raid = Raid.objects.create()
    else:
        return
    raid.take_in(comment.pk, *taken)


def regroup(comment: Comment, found: Alike) -> None:
    """Before the comment gets the words that `found` is about: they may be like those of another raid, or of none."""
    if comment.raid_id is None:
        Trace.objects.bulk_create(traces_of(comment, found))
        join(comment, found)
        comment.refresh_from_db(fields=["raid", "is_folded"])
    elif comment.raid and comment.raid.is_attack:
        return  # it came in that attack, whatever it says now
    elif comment.raid_id not in {each.raid_id for each in found.comments}:
        Raid.lock(comment.raid_id)
        Raid.let_go(comment)
        Trace.objects.bulk_create([Trace(key=key, comment=comment) for key in found.likeness.keys])


def forget_traces() -> None:
    Trace.objects.filter(at__lt=timezone.now() - REMEMBERED).delete()
