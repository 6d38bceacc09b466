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

MAX_EXAMPLES = 20_000  # the newest
_BATCH_SIZE = 500
_TRAINING_STATUSES = [Status.APPROVED, Status.REJECTED, Status.SPAM]


class Example(NamedTuple):
    text: str
    status: Status
    at: datetime


class _LatestDecision(NamedTuple):
    status: int
    at: datetime


def newest_decision_id() -> int:
    """Its number; 0 if nobody has decided yet."""
    return Decision.objects.filter(actor__isnull=False).order_by("-pk").values_list("pk", flat=True).first() or 0


def count_new_decisions(*, after: int, most: int) -> int:
    """How many people have made since, counted up to `most`."""
    return Decision.objects.filter(actor__isnull=False, pk__gt=after).order_by("pk")[:most].count()


def load_examples() -> list[Example]:
    """MOST at most, the oldest decision first."""
    found: dict[str, Example] = {}
    for comments in _decided_batches():
        teaching = Comment.objects.filter(
            pk__in=comments, status__in=_TRAINING_STATUSES, reviewed_at__isnull=False, staff=None, anonymized_at=None
        ).only("text", "text_hash", "status")
        for comment in sorted(teaching, key=lambda each: comments[each.pk].at, reverse=True):
            now, at = comments[comment.pk]
            if comment.status == now:
                found.setdefault(comment.text_hash, Example(comment.text, Status(now), at))
            if len(found) == MAX_EXAMPLES:
                return _oldest_first(found)
    return _oldest_first(found)


def _decided_batches() -> Iterator[dict[int, _LatestDecision]]:
    """Comments that people decided about, with the latest of that: the newest first, some hundred at a time."""
    decisions = (
        Decision.objects.filter(actor__isnull=False).order_by("-pk").values_list("comment_id", "to_status", "at")
    )
    seen: set[int] = set()
    part: dict[int, _LatestDecision] = {}
    for comment, now, at in decisions.iterator(chunk_size=2_000):
        if comment in seen:
            continue
        seen.add(comment)
        part[comment] = _LatestDecision(now, at)
        if len(part) == _BATCH_SIZE:
            yield part
            part = {}
    yield part


def _oldest_first(found: dict[str, Example]) -> list[Example]:
    return sorted(found.values(), key=lambda example: example.at)
