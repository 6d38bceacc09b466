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
from comments.queue.cursor import Place
from comments.queue.detail import with_surroundings
from comments.queue.filters import Filters
from comments.queue.queues import COUNTED, IN_VIEW, Order, Queue
from comments.queue.text_search import indexed, saying
from comments.statuses import Status

FEW = 2_000
LOOKED_THROUGH = 10_000
_ORDERED = ("device", "name", "network", "article")  # by an index each that ends with the time


@dataclass(frozen=True)
class View:
    """A page of comments. `after` is where the next page begins, None on the last one; `before` is where the one before
    it ends, None on the first.

    `looked_until` is set if the page ended for having looked far enough.
    """

    comments: list[Comment]
    after: Place | None = None
    before: Place | None = None
    looked_until: datetime | None = None


@dataclass(frozen=True)
class Selection:
    queue: Queue
    filters: Filters
    order: Order = Order.OLDEST
    is_backward: bool = False

    @classmethod
    def parse(cls, query: Mapping[str, Any]) -> Selection:
        """Of an address's query. Raises ValueError for a queue or an order that is none."""
        selection = cls(Queue(query.get("queue", Queue.WAITING)), Filters(query))
        order = Order(query.get("order", Order.OLDEST))
        return replace(selection, order=order) if order in selection.orders else selection

    @property
    def orders(self) -> list[Order]:
        """Those that it can have."""
        return list(Order) if self.queue == Queue.WAITING and not self.filters.is_active else [Order.OLDEST]

    @property
    def query(self) -> str:
        """To be parsed again."""
        order = {"order": self.order.value} if self.order != Order.OLDEST else {}
        return urlencode({"queue": self.queue.value, **order, **self.filters.query})

    def place(self, raw: str) -> Place:
        """In this order. Raises ValueError for what is none."""
        return Place.parse(raw, by_suspicion=self.order != Order.OLDEST)

    def place_of(self, comment: Comment) -> Place:
        return Place.of(comment, by_suspicion=self.order != Order.OLDEST)

    def place_before(self, comment: Comment) -> Place:
        """Behind it lies the comment itself, and then what comes after it."""
        place = self.place_of(comment)
        return Place(place.key, place.pk - 1 if self._is_rising else place.pk + 1)

    def is_behind(self, comment: Comment, other: Comment) -> bool:
        """Whether it comes after the other in this order, wherever they lie."""
        one, two = ((place.key, place.pk) for place in map(self.place_of, (comment, other)))
        return one > two if self._is_rising else one < two

    def is_sound(self) -> bool:
        """Or something is wrong with the filters, so that nobody knows which comments are meant."""
        return self.filters.is_active or not self.filters.given

    def comments(self) -> CommentQuerySet:
        """All of them, in order, of a raid each one. Takes as long as it takes: for the background."""
        return self._ordered(self.queue.comments()).filter(*self._conditions())

    def view(self, *, after: Place | None = None, before: Place | None = None) -> View:
        """The next of them behind a place, or the last ones before it, each ready to be looked at."""
        if before is None:
            view = self._view(after)
            return replace(view, before=self.place_of(view.comments[0]) if after and view.comments else after)
        backward = replace(self, is_backward=True)._view(before)
        comments = backward.comments[::-1]
        after = self.place_of(comments[-1]) if comments else before
        return View(comments, after, backward.after, backward.looked_until)

    def number(self) -> tuple[int, bool]:
        """How many there are, and whether there may be more: counted as far as a page looks, and to COUNTED."""
        few, end = self._few(), None
        rows = self.comments() if few is None else self.comments().filter(pk__in=few)
        if few is None and self.filters.is_active and (end := self._end_of_look(None)):
            rows = rows.as_far_as(*end)
        with _planned_without("seqscan", "bitmapscan"):
            number = rows[:COUNTED].count()
        return number, end is not None or number == COUNTED

    def _conditions(self) -> list[Q]:
        return [self.filters.times(), *self.filters.conditions().values()]

    def _rows(self) -> CommentQuerySet:
        """As they lie on the desk: of a raid that waits, the oldest that matches."""
        if not self.filters.is_active:
            rows = self.queue.in_order(self.order)
            return rows.backward() if self.is_backward else rows
        if self.queue != Queue.WAITING:
            return self.comments()
        of_raid = Q(raid=OuterRef("raid"), status=Status.HELD)
        older = Comment.objects.newest().behind(OuterRef("created_at"), OuterRef("pk"))
        return self.comments().filter(Q(raid=None) | ~Exists(older.filter(of_raid, *self._conditions())))

    def _view(self, place: Place | None) -> View:
        rows = self._rows()
        if not self.filters.is_active:
            comments = list(with_surroundings(self._behind(rows, place))[: IN_VIEW + 1])
            return View(comments[:IN_VIEW], self.place_of(comments[IN_VIEW - 1]) if len(comments) > IN_VIEW else None)
        few = self._few()
        if few is not None:
            return self._first_of(few, place)
        with _planned_without("seqscan", "bitmapscan"):
            return self._look(place)

    def _look(self, place: Place | None) -> View:
        end = self._end_of_look(place)
        rows = self._behind(self._rows() if end is None else self._rows().as_far_as(*end), place)
        page = _page_of(rows.values_list("created_at", "pk")[: IN_VIEW + 1])
        return page if page.after or end is None else View(page.comments, Place(*end), looked_until=end[0])

    def _first_of(self, pks: list[int], place: Place | None) -> View:
        """Sorted here: a database that is asked for the first of these may read the whole queue for them."""
        rows = self._behind(self._rows(), place).filter(pk__in=pks).order_by().values_list("created_at", "pk")
        return _page_of(sorted(rows, reverse=not self._is_oldest_first)[: IN_VIEW + 1])

    def within(self) -> Q:
        """What the first look finds, whichever queue it is in: for a list in another order."""
        conditions = self.filters.conditions().values()
        few = self._few()
        if few is not None:
            return Q(*conditions, pk__in=few)
        end = self._end_of_look(None)
        return Q(*conditions, created_at__gte=end[0]) if end else Q(*conditions)

    def _few(self) -> list[int] | None:
        """The ids of all that meet one of the filters, as far as an index tells, if these are no more than FEW."""
        for name, condition in self.filters.conditions().items():
            if name == "rule":
                rows = self.filters.firings().filter(self.filters.times("written_at")).values_list("comment_id")
            elif name != "text":
                rows = Comment.objects.filter(condition, self.filters.times()).values_list("pk")
            elif words := indexed(self.filters.cleaned_data["text"]):
                rows = Comment.objects.filter(saying(words), self.filters.times()).values_list("pk")
            else:
                continue
            with _planned_without("seqscan"):
                found = [pk for (pk,) in rows.order_by()[: FEW + 1]]
            if len(found) <= FEW:
                return found
        return None

    def _end_of_look(self, place: Place | None) -> tuple[datetime, int] | None:
        """The time and the id of the last comment to look through; None if all that is left is no more than that."""
        conditions = self.filters.conditions()
        narrow = next((conditions[name] for name in _ORDERED if name in conditions), None)
        every = Comment.objects.filter(narrow) if narrow else self.queue.comments()
        rows = self._behind(self._ordered(every), place).filter(self.filters.times())
        return rows.values_list("created_at", "pk")[LOOKED_THROUGH - 1 : LOOKED_THROUGH].first()

    @property
    def _is_rising(self) -> bool:
        return self.queue.is_oldest_first if self.order == Order.OLDEST else self.order == Order.LIKELY_GOOD

    @property
    def _is_oldest_first(self) -> bool:
        return self.queue.is_oldest_first != self.is_backward

    def _ordered(self, comments: CommentQuerySet) -> CommentQuerySet:
        return comments.oldest() if self._is_oldest_first else comments.newest()

    def _behind(self, comments: CommentQuerySet, place: Place | None) -> CommentQuerySet:
        return comments.behind(place.key, place.pk) if place else comments


def _page_of(rows: Iterable[tuple[datetime, int]]) -> View:
    """Of the first IN_VIEW and one more. What surrounds a comment is read when it is known to be among them."""
    shown = list(rows)
    found = with_surroundings(Comment.objects.all()).in_bulk([pk for _at, pk in shown[:IN_VIEW]])
    comments = [found[pk] for _at, pk in shown[:IN_VIEW] if pk in found]
    return View(comments, Place(*shown[IN_VIEW - 1]) if len(shown) > IN_VIEW else None)


@contextmanager
def _planned_without(*ways: str) -> Iterator[None]:
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
