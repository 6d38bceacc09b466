"""A queue, narrowed: what the desk shows page by page, and what many can be done to at once.

However many comments there are, a page reads a bounded number. A filter that few comments meet is answered from its
own index, wherever they lie. What is left is looked for in the order of the queue, LOOKED_THROUGH comments a page; a
page that ends there says so, and where to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.http import urlencode

from comments.desk.filters import Filters
from comments.desk.focus import with_surroundings
from comments.desk.place import Place
from comments.desk.queues import IN_VIEW, Order, Queue
from comments.desk.words import has_index
from comments.models import Comment
from comments.models.comment import CommentQuerySet

Row = tuple[datetime, int, int | None]  # when it was written, its id, its raid

FEW = 2_000
LOOKED_THROUGH = 10_000
ROUNDS = 4  # queries in which a page is filled, if much of what is found is of one raid
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

    def is_sound(self) -> bool:
        """Or something is wrong with the filters, so that nobody knows which comments are meant."""
        return self.filters.is_active or not self.filters.given

    def comments(self) -> CommentQuerySet:
        """All of them, in order, of a raid each one. Takes as long as it takes: for the background."""
        conditions = self.filters.conditions().values()
        return self._ordered(self.queue.comments()).filter(self.filters.times(), *conditions)

    def view(self, *, after: Place | None = None, before: Place | None = None) -> View:
        """The next of them behind a place, or the last ones before it, each ready to be looked at."""
        if before is None:
            view = self._view(after)
            return replace(view, before=self.place_of(view.comments[0]) if after and view.comments else after)
        backward = replace(self, is_backward=True)._view(before)
        comments = backward.comments[::-1]
        after = self.place_of(comments[-1]) if comments else before
        return View(comments, after, backward.after, backward.looked_until)

    def _view(self, place: Place | None) -> View:
        if not self.filters.is_active:
            in_order = self.queue.in_order(self.order)
            rows = self._behind(in_order.backward() if self.is_backward else in_order, place)
            comments = list(with_surroundings(rows)[: IN_VIEW + 1])
            return View(comments[:IN_VIEW], self.place_of(comments[IN_VIEW - 1]) if len(comments) > IN_VIEW else None)
        few = self._few()
        if few is not None:
            return self._first_of(few, place)
        with _planned_without("seqscan", "bitmapscan"):
            return self._look(place)

    def _look(self, place: Place | None) -> View:
        end = self._end_of_look(place)
        comments = self.comments() if end is None else self.comments().as_far_as(*end)
        rows: list[Row] = []
        for _round in range(ROUNDS):
            raids = {raid for _at, _pk, raid in rows if raid} if self._folds_raids else set()
            others = self._behind(comments.exclude(raid__in=raids) if raids else comments, place)
            found = list(others.values_list("created_at", "pk", "raid")[:IN_VIEW])
            rows += found
            if len(found) < IN_VIEW:
                page = self._page_of(rows)
                return page if page.after or end is None else View(page.comments, Place(*end), looked_until=end[0])
            place = Place(*found[-1][:2])
            if len(self._unfolded(rows)) >= IN_VIEW:
                return self._page_of(rows)
        return replace(self._page_of(rows), after=place)

    def _first_of(self, pks: list[int], place: Place | None) -> View:
        """Sorted here: a database that is asked for the first of these may read the whole queue for them."""
        rows = self._behind(self.comments(), place).filter(pk__in=pks).order_by()
        in_order = sorted(rows.values_list("created_at", "pk", "raid"), reverse=not self._is_oldest_first)
        return self._page_of(in_order)

    def _page_of(self, rows: Sequence[Row]) -> View:
        """Of rows in their order. What surrounds a comment is read when it is known to be among them."""
        shown = self._unfolded(rows)[:IN_VIEW]
        found = with_surroundings(Comment.objects.all()).in_bulk([pk for _at, pk, _raid in shown])
        comments = [found[pk] for _at, pk, _raid in shown if pk in found]
        return View(comments, Place(*shown[-1][:2]) if len(shown) == IN_VIEW else None)

    def _unfolded(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Of each raid that waits, the first."""
        if not self._folds_raids:
            return rows
        first: dict[int, Row] = {}
        for row in rows:
            first.setdefault(row[2] or -row[1], row)
        return list(first.values())

    @property
    def _folds_raids(self) -> bool:
        return self.queue == Queue.WAITING

    def within(self) -> Q:
        """What the first look finds, whichever queue it is in: for a list in another order."""
        conditions = self.filters.conditions().values()
        few = self._few()
        if few is not None:
            return Q(*conditions, pk__in=few)
        end = self._end_of_look(None)
        return Q(*conditions, created_at__gte=end[0]) if end else Q(*conditions)

    def _few(self) -> list[int] | None:
        """The ids of all that meet one of the filters, if these are no more than FEW."""
        for name, condition in self.filters.conditions().items():
            if name == "rule":
                rows = self.filters.firings().filter(self.filters.times("written_at")).values_list("comment_id")
            elif name != "text" or has_index(self.filters.cleaned_data["text"]):
                rows = Comment.objects.filter(condition, self.filters.times()).values_list("pk")
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
    def _is_oldest_first(self) -> bool:
        return self.queue.is_oldest_first != self.is_backward

    def _ordered(self, comments: CommentQuerySet) -> CommentQuerySet:
        return comments.oldest() if self._is_oldest_first else comments.newest()

    def _behind(self, comments: CommentQuerySet, place: Place | None) -> CommentQuerySet:
        return comments.behind(place.key, place.pk) if place else comments


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
