"""The decisions that are learnt from: those of this newsroom's people about readers' words, as they stand now.

What was undone does not count, nor what its author has changed or withdrawn since, nor what the rules did and nobody
looked at; nor the words of staff. Of a comment that was redacted the words that are left count. A text counts once,
however often it was sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from comments.models import Comment, Decision
from comments.statuses import Status

MOST = 20_000  # the newest
_AT_ONCE = 500
_TEACHING = [Status.APPROVED, Status.REJECTED, Status.SPAM]


class Example(NamedTuple):
    text: str
    status: Status
    at: datetime


class _Decided(NamedTuple):
    now: int
    at: datetime


def newest_decision() -> int:
    """Its number; 0 if nobody has decided yet."""
    return Decision.objects.filter(by__isnull=False).order_by("-pk").values_list("pk", flat=True).first() or 0


def new_decisions(*, after: int, most: int) -> int:
    """How many people have made since, counted up to `most`."""
    return Decision.objects.filter(by__isnull=False, pk__gt=after).order_by("pk")[:most].count()


def examples() -> list[Example]:
    """MOST at most, the oldest decision first."""
    found: dict[str, Example] = {}
    for comments in _in_parts():
        teaching = Comment.objects.filter(
            pk__in=comments, status__in=_TEACHING, looked_at__isnull=False, staff=None, forgotten_at=None
        ).only("text", "text_hash", "status")
        for comment in sorted(teaching, key=lambda each: comments[each.pk].at, reverse=True):
            now, at = comments[comment.pk]
            if comment.status == now:
                found.setdefault(comment.text_hash, Example(comment.text, Status(now), at))
            if len(found) == MOST:
                return _oldest_first(found)
    return _oldest_first(found)


def _in_parts() -> Iterator[dict[int, _Decided]]:
    """Comments that people decided about, with the latest of that: the newest first, some hundred at a time."""
    decisions = Decision.objects.filter(by__isnull=False).order_by("-pk").values_list("comment_id", "now", "at")
    seen: set[int] = set()
    part: dict[int, _Decided] = {}
    for comment, now, at in decisions.iterator(chunk_size=2_000):
        if comment in seen:
            continue
        seen.add(comment)
        part[comment] = _Decided(now, at)
        if len(part) == _AT_ONCE:
            yield part
            part = {}
    yield part


def _oldest_first(found: dict[str, Example]) -> list[Example]:
    return sorted(found.values(), key=lambda example: example.at)
