"""A filtered queue: its pages, and the comments for bulk actions.

A page reads a bounded number of comments, however many there are. A filter with few matches is answered from its own
index. Other filters scan the queue in its order, MAX_COMMENTS_SCANNED comments a page. A page that ends at this limit
says so and links to the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.http import urlencode

from articles.cursor import PageCursor
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.queue.detail import with_detail
from comments.queue.filters import QueueFilters
from comments.queue.queues import MAX_QUEUE_COUNT, PAGE_SIZE, Queue, QueueOrder
from comments.queue.text_search import contains_all_words, indexable_words
from comments.statuses import Status

MAX_INDEXED_MATCHES = 2_000
MAX_COMMENTS_SCANNED = 10_000
_TIME_ORDERED_FILTERS = ("device", "name", "network", "article")  # each has an index that ends with the time


@dataclass(frozen=True)
class QueuePage:
    """A page of comments.

    `after` is the cursor of the next page, None on the last page. `before` is the cursor of the previous page, None on
    the first page. `scanned_until` is set if the page ended at the scan limit.
    """

    comments: list[Comment]
    after: PageCursor | None = None
    before: PageCursor | None = None
    scanned_until: datetime | None = None


@dataclass(frozen=True)
class QueueQuery:
    queue: Queue
    filters: QueueFilters
    order: QueueOrder = QueueOrder.OLDEST
    is_backward: bool = False

    @classmethod
    def parse(cls, query: Mapping[str, Any]) -> QueueQuery:
        """Parse a query string. Raise ValueError if the queue or the order is unknown."""
        selection = cls(Queue(query.get("queue", Queue.PENDING)), QueueFilters(query))
        order = QueueOrder(query.get("order", QueueOrder.OLDEST))
        return replace(selection, order=order) if order in selection.orders else selection

    @property
    def orders(self) -> list[QueueOrder]:
        """Return the possible orders."""
        return list(QueueOrder) if self.queue == Queue.PENDING and not self.filters.is_active else [QueueOrder.OLDEST]

    @property
    def query(self) -> str:
        """Return the query string, to be parsed again."""
        order = {"order": self.order.value} if self.order != QueueOrder.OLDEST else {}
        return urlencode({"queue": self.queue.value, **order, **self.filters.query})

    def parse_cursor(self, raw: str) -> PageCursor:
        """Parse a cursor for this order. Raise ValueError if it is malformed."""
        return PageCursor.parse(raw, datetime if self.order == QueueOrder.OLDEST else float)

    def cursor_of(self, comment: Comment) -> PageCursor:
        return PageCursor(comment.created_at if self.order == QueueOrder.OLDEST else comment.suspicion, comment.pk)

    def cursor_before(self, comment: Comment) -> PageCursor:
        """Return a cursor whose page begins with this comment."""
        place = self.cursor_of(comment)
        return PageCursor(place.key, place.pk - 1 if self._is_ascending else place.pk + 1)

    def is_after(self, comment: Comment, other: Comment) -> bool:
        """Return whether the comment follows the other one in this order, whichever queues they are in."""
        one, two = ((place.key, place.pk) for place in map(self.cursor_of, (comment, other)))
        return one > two if self._is_ascending else one < two

    def has_valid_filters(self) -> bool:
        """Return whether it is certain which comments are selected: no filter is invalid."""
        return self.filters.is_active or not self.filters.submitted_values

    def comments(self) -> CommentQuerySet:
        """Return all comments in order, with each comment of a cluster.

        The number is not bounded: use this in background jobs.
        """
        return self._ordered(self.queue.comments()).filter(*self._conditions())

    def view(self, *, after: PageCursor | None = None, before: PageCursor | None = None) -> QueuePage:
        """Return the page after a cursor, or the page before one, with the details of each comment."""
        if before is None:
            view = self._view(after)
            return replace(view, before=self.cursor_of(view.comments[0]) if after and view.comments else after)
        backward = replace(self, is_backward=True)._view(before)
        comments = backward.comments[::-1]
        after = self.cursor_of(comments[-1]) if comments else before
        return QueuePage(comments, after, backward.after, backward.scanned_until)

    def number(self) -> tuple[int, bool]:
        """Count the comments, and return whether there may be more.

        The count stops at the scan limit of a page and at MAX_QUEUE_COUNT.
        """
        few, end = self._indexed_matches(), None
        rows = self.comments() if few is None else self.comments().filter(pk__in=few)
        if few is None and self.filters.is_active and (end := self._end_of_scan(None)):
            rows = rows.up_to(*end)
        with _disabled_plans("seqscan", "bitmapscan"):
            number = rows[:MAX_QUEUE_COUNT].count()
        return number, end is not None or number == MAX_QUEUE_COUNT

    def _conditions(self) -> list[Q]:
        return [self.filters.times(), *self.filters.conditions().values()]

    def _rows(self) -> CommentQuerySet:
        """Return the rows as shown: of a pending cluster, the oldest match."""
        if not self.filters.is_active:
            rows = self.queue.ordered_rows(self.order)
            return rows.reversed_order() if self.is_backward else rows
        if self.queue != Queue.PENDING:
            return self.comments()
        of_cluster = Q(cluster=OuterRef("cluster"), status=Status.PENDING)
        older = Comment.objects.newest_first().after(OuterRef("created_at"), OuterRef("pk"))
        return self.comments().filter(Q(cluster=None) | ~Exists(older.filter(of_cluster, *self._conditions())))

    def _view(self, place: PageCursor | None) -> QueuePage:
        rows = self._rows()
        if not self.filters.is_active:
            comments = list(with_detail(self._after(rows, place))[: PAGE_SIZE + 1])
            return QueuePage(
                comments[:PAGE_SIZE], self.cursor_of(comments[PAGE_SIZE - 1]) if len(comments) > PAGE_SIZE else None
            )
        few = self._indexed_matches()
        if few is not None:
            return self._page_from_ids(few, place)
        with _disabled_plans("seqscan", "bitmapscan"):
            return self._scan(place)

    def _scan(self, place: PageCursor | None) -> QueuePage:
        end = self._end_of_scan(place)
        rows = self._after(self._rows() if end is None else self._rows().up_to(*end), place)
        page = _load_page(rows.values_list("created_at", "pk")[: PAGE_SIZE + 1])
        return page if page.after or end is None else QueuePage(page.comments, PageCursor(*end), scanned_until=end[0])

    def _page_from_ids(self, pks: list[int], place: PageCursor | None) -> QueuePage:
        """Load a page of these ids, sorted in Python.

        With ORDER BY and LIMIT the database might read the whole queue.
        """
        rows = self._after(self._rows(), place).filter(pk__in=pks).order_by().values_list("created_at", "pk")
        return _load_page(sorted(rows, reverse=not self._is_oldest_first)[: PAGE_SIZE + 1])

    def within(self) -> Q:
        """Return a condition for the matches of the first scan in any queue, for a list in another order."""
        conditions = self.filters.conditions().values()
        few = self._indexed_matches()
        if few is not None:
            return Q(*conditions, pk__in=few)
        end = self._end_of_scan(None)
        return Q(*conditions, created_at__gte=end[0]) if end else Q(*conditions)

    def _indexed_matches(self) -> list[int] | None:
        """Return the ids of all comments that match one filter according to its index.

        Return None if no filter has at most MAX_INDEXED_MATCHES matches.
        """
        for name, condition in self.filters.conditions().items():
            if name == "rule":
                rows = (
                    self.filters.rule_hits().filter(self.filters.times("comment_created_at")).values_list("comment_id")
                )
            elif name != "text":
                rows = Comment.objects.filter(condition, self.filters.times()).values_list("pk")
            elif words := indexable_words(self.filters.cleaned_data["text"]):
                rows = Comment.objects.filter(contains_all_words(words), self.filters.times()).values_list("pk")
            else:
                continue
            with _disabled_plans("seqscan"):
                found = [pk for (pk,) in rows.order_by()[: MAX_INDEXED_MATCHES + 1]]
            if len(found) <= MAX_INDEXED_MATCHES:
                return found
        return None

    def _end_of_scan(self, place: PageCursor | None) -> tuple[datetime, int] | None:
        """Return the time and the id of the last comment to scan.

        Return None if the rest is within the scan limit.
        """
        conditions = self.filters.conditions()
        narrow = next((conditions[name] for name in _TIME_ORDERED_FILTERS if name in conditions), None)
        every = Comment.objects.filter(narrow) if narrow else self.queue.comments()
        rows = self._after(self._ordered(every), place).filter(self.filters.times())
        return rows.values_list("created_at", "pk")[MAX_COMMENTS_SCANNED - 1 : MAX_COMMENTS_SCANNED].first()

    @property
    def _is_ascending(self) -> bool:
        return self.queue.is_oldest_first if self.order == QueueOrder.OLDEST else self.order == QueueOrder.LIKELY_GOOD

    @property
    def _is_oldest_first(self) -> bool:
        return self.queue.is_oldest_first != self.is_backward

    def _ordered(self, comments: CommentQuerySet) -> CommentQuerySet:
        return comments.oldest_first() if self._is_oldest_first else comments.newest_first()

    def _after(self, comments: CommentQuerySet, place: PageCursor | None) -> CommentQuerySet:
        return comments.after(place.key, place.pk) if place else comments


def _load_page(rows: Iterable[tuple[datetime, int]]) -> QueuePage:
    """Load the first PAGE_SIZE rows of at most PAGE_SIZE + 1.

    Details are read only for comments on the page.
    """
    shown = list(rows)
    found = with_detail(Comment.objects.all()).in_bulk([pk for _at, pk in shown[:PAGE_SIZE]])
    comments = [found[pk] for _at, pk in shown[:PAGE_SIZE] if pk in found]
    return QueuePage(comments, PageCursor(*shown[PAGE_SIZE - 1]) if len(shown) > PAGE_SIZE else None)


@contextmanager
def _disabled_plans(*ways: str) -> Iterator[None]:
    """Disable these query plans in PostgreSQL, so that it uses the indexes.

    PostgreSQL estimates how soon LIMIT is reached. If the estimate is wrong, it reads the whole table from its start,
    or all rows that contain a word.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("".join(f"SET LOCAL enable_{way} = off;" for way in ways))
        yield
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("".join(f"SET LOCAL enable_{way} = on;" for way in ways))
