"""Training data: decisions by this newsroom's staff about readers' comments, as they stand now.

Excluded are undone decisions, comments edited or withdrawn since, outcomes of rules that no moderator has reviewed, and
comments by staff. A redacted comment counts with the remaining text. Identical texts count once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from comments.models import Comment, Decision
from comments.statuses import Status

MAX_EXAMPLES = 20_000  # newest decisions
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
    """Return the id of the newest decision by a person, or 0."""
    return Decision.objects.filter(actor__isnull=False).order_by("-pk").values_list("pk", flat=True).first() or 0


def count_new_decisions(*, after: int, most: int) -> int:
    """Count decisions by people since `after`, up to `most`."""
    return Decision.objects.filter(actor__isnull=False, pk__gt=after).order_by("pk")[:most].count()


def load_examples() -> list[Example]:
    """Return at most MAX_EXAMPLES examples, oldest decision first."""
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
    """Yield batches of _BATCH_SIZE comments with the latest decision by a person, newest first."""
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
