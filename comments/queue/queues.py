"""The queues of the moderators' desk: which comments lie in each, in what order, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.statuses import Status

PAGE_SIZE = 25
MAX_QUEUE_COUNT = 1000  # a queue with more is "1,000+"


class QueueOrder(TextChoices):
    """Of what waits, as long as nothing is searched for. Everything else is ordered by time."""

    OLDEST = "oldest", _("Oldest first")
    LIKELY_GOOD = "good", _("Likely approved first")
    LIKELY_BAD = "bad", _("Likely spam or rejected first")


class Queue(TextChoices):
    PENDING = "waiting", _("Pending")
    REPORTED = "reported", _("Reported")
    UNREVIEWED = "new", _("Unreviewed")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SPAM = "spam", _("Spam")
    WITHDRAWN = "withdrawn", _("Deleted by author")
    ALL = "all", _("All")

    def comments(self) -> CommentQuerySet:
        return Comment.objects.filter(_CONDITIONS[self])

    def rows(self) -> CommentQuerySet:
        """As they lie on the desk: of a raid that waits, one."""
        return self.comments().filter(is_collapsed=False) if self == Queue.PENDING else self.comments()

    @property
    def is_oldest_first(self) -> bool:
        """What waits for somebody is worked off from its beginning; the others are looked up from their end."""
        return self in {Queue.PENDING, Queue.REPORTED}

    def ordered_rows(self, order: QueueOrder = QueueOrder.OLDEST) -> CommentQuerySet:
        if order != QueueOrder.OLDEST:
            return self.rows().by_suspicion(is_worst_first=order == QueueOrder.LIKELY_BAD)
        return self.rows().oldest_first() if self.is_oldest_first else self.rows().newest_first()


_CONDITIONS = {
    Queue.PENDING: Q(status=Status.PENDING),
    Queue.REPORTED: Q(open_reports__gt=0),
    Queue.UNREVIEWED: Q(status=Status.APPROVED, reviewed_at=None),
    Queue.APPROVED: Q(status=Status.APPROVED),
    Queue.REJECTED: Q(status=Status.REJECTED),
    Queue.SPAM: Q(status=Status.SPAM),
    Queue.WITHDRAWN: Q(status=Status.WITHDRAWN),
    Queue.ALL: Q(),
}
_COUNTED_QUEUES = [queue for queue in Queue if queue != Queue.ALL]


@dataclass(frozen=True)
class QueueSize:
    """`number` stops at COUNTED; `oldest` is that of the whole queue, None if it is empty."""

    queue: Queue
    number: int
    oldest: datetime | None

    @property
    def is_more(self) -> bool:
        return self.number >= MAX_QUEUE_COUNT


def sizes() -> tuple[list[QueueSize], int]:
    """Return the size of each queue but "All", and the number of comments that are public despite many reports.

    One query, which reads at most COUNTED entries of an index for each.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_sizes_sql(MAX_QUEUE_COUNT))
        *rows, (kept, _oldest) = cursor.fetchall()
    return [
        QueueSize(queue, number, _parse_time(oldest))
        for queue, (number, oldest) in zip(_COUNTED_QUEUES, rows, strict=True)
    ], kept


@cache
def _sizes_sql(counted: int) -> tuple[str, list[Any]]:
    """Composed once: Django takes longer to write this query than the database to answer it."""
    parts: list[str] = []
    parameters: list[Any] = []
    counted_rows = [(queue.name.lower(), queue.rows().values("created_at")) for queue in _COUNTED_QUEUES]
    kept = Comment.objects.public_despite_reports().values("created_at", "pk")
    for name, rows in [*counted_rows, ("kept", kept)]:
        sql, values = rows.order_by("created_at", "pk")[:counted].query.sql_with_params()
        parts.append(f"SELECT count(*), min(created_at) FROM ({sql}) AS {name}")  # noqa: S608 (Django's)
        parameters += values
    return " UNION ALL ".join(parts), parameters


def _parse_time(raw: object) -> datetime | None:
    """As the database gives it: SQLite does not know which columns are times."""
    if isinstance(raw, str):
        raw = datetime.fromisoformat(raw).replace(tzinfo=UTC)
    return raw if isinstance(raw, datetime) else None
