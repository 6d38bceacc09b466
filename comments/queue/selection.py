"""A queue, narrowed: what the desk shows page by page, and what many can be done to at once.

However many comments there are, a page reads a bounded number. A filter that few comments meet is answered from its
own index, wherever they lie. What is left is looked for in the order of the queue, LOOKED_THROUGH comments a page; a
page that ends there says so, and where to go on.
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

from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.queue.cursor import QueueCursor
from comments.queue.detail import with_detail
from comments.queue.filters import QueueFilters
from comments.queue.queues import MAX_QUEUE_COUNT, PAGE_SIZE, Queue, QueueOrder
from comments.queue.text_search import contains_all_words, indexable_words
from comments.statuses import Status

MAX_INDEXED_MATCHES = 2_000
MAX_COMMENTS_SCANNED = 10_000
_TIME_ORDERED_FILTERS = ("device", "name", "network", "article")  # by an index each that ends with the time


@dataclass(frozen=True)
class QueuePage:
    """A page of comments. `after` is where the next page begins, None on the last one; `before` is where the one before
    it ends, None on the first.

    `looked_until` is set if the page ended for having looked far enough.
    """

    comments: list[Comment]
    after: QueueCursor | None = None
    before: QueueCursor | None = None
    scanned_until: datetime | None = None


@dataclass(frozen=True)
class QueueQuery:
    queue: Queue
    filters: QueueFilters
    order: QueueOrder = QueueOrder.OLDEST
    is_backward: bool = False

    @classmethod
    def parse(cls, query: Mapping[str, Any]) -> QueueQuery:
        """Of an address's query. Raises ValueError for a queue or an order that is none."""
        selection = cls(Queue(query.get("queue", Queue.PENDING)), QueueFilters(query))
        order = QueueOrder(query.get("order", QueueOrder.OLDEST))
        return replace(selection, order=order) if order in selection.orders else selection

    @property
    def orders(self) -> list[QueueOrder]:
        """Those that it can have."""
        return list(QueueOrder) if self.queue == Queue.PENDING and not self.filters.is_active else [QueueOrder.OLDEST]

    @property
    def query(self) -> str:
        """To be parsed again."""
        order = {"order": self.order.value} if self.order != QueueOrder.OLDEST else {}
        return urlencode({"queue": self.queue.value, **order, **self.filters.query})

    def parse_cursor(self, raw: str) -> QueueCursor:
        """In this order. Raises ValueError for what is none."""
        return QueueCursor.parse(raw, by_suspicion=self.order != QueueOrder.OLDEST)

    def cursor_of(self, comment: Comment) -> QueueCursor:
        return QueueCursor.of(comment, by_suspicion=self.order != QueueOrder.OLDEST)

    def cursor_before(self, comment: Comment) -> QueueCursor:
        """Behind it lies the comment itself, and then what comes after it."""
        place = self.cursor_of(comment)
        return QueueCursor(place.key, place.pk - 1 if self._is_ascending else place.pk + 1)

    def is_after(self, comment: Comment, other: Comment) -> bool:
        """Whether it comes after the other in this order, wherever they lie."""
        one, two = ((place.key, place.pk) for place in map(self.cursor_of, (comment, other)))
        return one > two if self._is_ascending else one < two

    def has_valid_filters(self) -> bool:
        """Or something is wrong with the filters, so that nobody knows which comments are meant."""
        return self.filters.is_active or not self.filters.submitted_values

    def comments(self) -> CommentQuerySet:
        """All of them, in order, of a raid each one. Takes as long as it takes: for the background."""
        return self._ordered(self.queue.comments()).filter(*self._conditions())

    def view(self, *, after: QueueCursor | None = None, before: QueueCursor | None = None) -> QueuePage:
        """The next of them behind a place, or the last ones before it, each ready to be looked at."""
        if before is None:
            view = self._view(after)
            return replace(view, before=self.cursor_of(view.comments[0]) if after and view.comments else after)
        backward = replace(self, is_backward=True)._view(before)
        comments = backward.comments[::-1]
        after = self.cursor_of(comments[-1]) if comments else before
        return QueuePage(comments, after, backward.after, backward.scanned_until)

    def number(self) -> tuple[int, bool]:
        """How many there are, and whether there may be more: counted as far as a page looks, and to COUNTED."""
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
        """As they lie on the desk: of a raid that waits, the oldest that matches."""
        if not self.filters.is_active:
            rows = self.queue.ordered_rows(self.order)
            return rows.reversed_order() if self.is_backward else rows
        if self.queue != Queue.PENDING:
            return self.comments()
        of_raid = Q(cluster=OuterRef("cluster"), status=Status.PENDING)
        older = Comment.objects.newest_first().after(OuterRef("created_at"), OuterRef("pk"))
        return self.comments().filter(Q(cluster=None) | ~Exists(older.filter(of_raid, *self._conditions())))

    def _view(self, place: QueueCursor | None) -> QueuePage:
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

    def _scan(self, place: QueueCursor | None) -> QueuePage:
        end = self._end_of_scan(place)
        rows = self._after(self._rows() if end is None else self._rows().up_to(*end), place)
        page = _load_page(rows.values_list("created_at", "pk")[: PAGE_SIZE + 1])
        return page if page.after or end is None else QueuePage(page.comments, QueueCursor(*end), scanned_until=end[0])

    def _page_from_ids(self, pks: list[int], place: QueueCursor | None) -> QueuePage:
        """Sorted here: a database that is asked for the first of these may read the whole queue for them."""
        rows = self._after(self._rows(), place).filter(pk__in=pks).order_by().values_list("created_at", "pk")
        return _load_page(sorted(rows, reverse=not self._is_oldest_first)[: PAGE_SIZE + 1])

    def within(self) -> Q:
        """What the first look finds, whichever queue it is in: for a list in another order."""
        conditions = self.filters.conditions().values()
        few = self._indexed_matches()
        if few is not None:
            return Q(*conditions, pk__in=few)
        end = self._end_of_scan(None)
        return Q(*conditions, created_at__gte=end[0]) if end else Q(*conditions)

    def _indexed_matches(self) -> list[int] | None:
        """The ids of all that meet one of the filters, as far as an index tells, if these are no more than FEW."""
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

    def _end_of_scan(self, place: QueueCursor | None) -> tuple[datetime, int] | None:
        """The time and the id of the last comment to look through; None if all that is left is no more than that."""
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

    def _after(self, comments: CommentQuerySet, place: QueueCursor | None) -> CommentQuerySet:
        return comments.after(place.key, place.pk) if place else comments


def _load_page(rows: Iterable[tuple[datetime, int]]) -> QueuePage:
    """Of the first IN_VIEW and one more. What surrounds a comment is read when it is known to be among them."""
    shown = list(rows)
    found = with_detail(Comment.objects.all()).in_bulk([pk for _at, pk in shown[:PAGE_SIZE]])
    comments = [found[pk] for _at, pk in shown[:PAGE_SIZE] if pk in found]
    return QueuePage(comments, QueueCursor(*shown[PAGE_SIZE - 1]) if len(shown) > PAGE_SIZE else None)


@contextmanager
def _disabled_plans(*ways: str) -> Iterator[None]:
    """PostgreSQL guesses how soon it will have found enough. Where it guesses wrong it would read the whole table from
    its beginning, or all that has a word: these ways it may not go here, so that it keeps to the indexes.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("".join(f"SET LOCAL enable_{way} = off;" for way in ways))
        yield
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("".join(f"SET LOCAL enable_{way} = on;" for way in ways))
