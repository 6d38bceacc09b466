"""Keyset pagination cursors of the moderation queue. The link holds the cursor, so no lookup is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
import math

from articles.params import parse_id
from comments.models import Comment


@dataclass(frozen=True)
class QueueCursor:
    """Position in a list: a sort key and a comment id.

    The comment itself may have been deleted.
    """

    key: datetime | float
    pk: int

    @classmethod
    def of(cls, comment: Comment, *, by_suspicion: bool = False) -> QueueCursor:
        return cls(comment.suspicion if by_suspicion else comment.created_at, comment.pk)

    @classmethod
    def parse(cls, raw: str, *, by_suspicion: bool = False) -> QueueCursor:
        """Parse a cursor. Raise ValueError if it is malformed."""
        key, _underscore, pk = raw.rpartition("_")
        return cls(_parse_number(key) if by_suspicion else _parse_time(key), parse_id(pk))

    def __str__(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, datetime) else repr(self.key)
        return f"{key}_{self.pk}"


def _parse_number(raw: str) -> float:
    number = float(raw)
    if not math.isfinite(number):
        raise ValueError(raw)
    return number


def _parse_time(raw: str) -> datetime:
    at = datetime.fromisoformat(raw)
    try:
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(raw) from error
