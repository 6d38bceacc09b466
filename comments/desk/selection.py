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
from django.db.models import Q
from django.utils.http import urlencode

from comments.desk.filters import Filters
from comments.desk.focus import with_surroundings
from comments.desk.queues import IN_VIEW, Order, Queue
from comments.desk.words import has_index
from comments.models import Comment
from comments.models.comment import CommentQuerySet

FEW = 2_000
LOOKED_THROUGH = 10_000
_ORDERED = ("device", "name", "network", "article")  # by an index each that ends with the time


@dataclass(frozen=True)
class View:
    """A page of comments. `after` is the id of the one that the next page begins behind, 0 on the last page.

    `looked_until` is set if the page ended for having looked far enough.
    """

    comments: list[Comment]
    after: int = 0
    looked_until: datetime | None = None


@dataclass(frozen=True)
class Selection:
    queue: Queue
    filters: Filters
    order: Order = Order.OLDEST

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

    def is_sound(self) -> bool:
        """Or something is wrong with the filters, so that nobody knows which comments are meant."""
        return self.filters.is_active or not self.filters.given

    def comments(self) -> CommentQuerySet:
        """All of them, in order, of a raid each one. Takes as long as it takes: for the background."""
        conditions = self.filters.conditions().values()
        return self._ordered(self.queue.comments()).filter(self.filters.times(), *conditions)

    def view(self, *, after: Comment | None = None) -> View:
        """The next of them, each ready to be looked at."""
        if not self.filters.is_active:
            rows = self.queue.behind(after, self.order) if after else self.queue.in_order(self.order)
            return _page(list(with_surroundings(rows)[:IN_VIEW]))
        few = self._few()
        if few is not None:
            return self._first_of(few, after)
        with _planned_without("seqscan", "bitmapscan"):
            return self._look(after)

    def _look(self, after: Comment | None) -> View:
        end = self._end_of_look(after)
        comments = self._behind(self.comments(), after)
        if end is None:
            return _page_of(comments.values_list("pk", flat=True)[:IN_VIEW])
        at, pk = end
        page = _page_of(comments.as_far_as(at, pk).values_list("pk", flat=True)[:IN_VIEW])
        return page if page.after else View(page.comments, pk, at)

    def _first_of(self, pks: list[int], after: Comment | None) -> View:
        """Sorted here: a database that is asked for the first of these may read the whole queue for them."""
        rows = self._behind(self.comments(), after).filter(pk__in=pks).order_by().values_list("created_at", "pk")
        first = sorted(rows, reverse=not self.queue.is_oldest_first)[:IN_VIEW]
        return _page_of([pk for _at, pk in first])

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

    def _end_of_look(self, after: Comment | None) -> tuple[datetime, int] | None:
        """The time and the id of the last comment to look through; None if all that is left is no more than that."""
        conditions = self.filters.conditions()
        narrow = next((conditions[name] for name in _ORDERED if name in conditions), None)
        every = Comment.objects.filter(narrow) if narrow else self.queue.comments()
        rows = self._behind(self._ordered(every), after).filter(self.filters.times())
        return rows.values_list("created_at", "pk")[LOOKED_THROUGH - 1 : LOOKED_THROUGH].first()

    def _ordered(self, comments: CommentQuerySet) -> CommentQuerySet:
        return comments.oldest() if self.queue.is_oldest_first else comments.newest()

    def _behind(self, comments: CommentQuerySet, after: Comment | None) -> CommentQuerySet:
        return comments.behind(after.created_at, after.pk) if after else comments


def _page_of(pks: Iterable[int]) -> View:
    """In their order. What surrounds a comment is read when it is known to be among them."""
    found = with_surroundings(Comment.objects.all()).in_bulk(list(pks))
    return _page([found[pk] for pk in pks if pk in found])


def _page(comments: list[Comment]) -> View:
    return View(comments, comments[-1].pk if len(comments) == IN_VIEW else 0)


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
