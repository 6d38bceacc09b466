"""The pages of a conversation: threads in an order, each with its first replies; and one thread, page by page.

A page costs the same however long the conversation is: a fixed number of queries, each of which reads its rows off
the end of an index. No OFFSET, no COUNT.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.rendering import html_of
from comments.statuses import Status

THREADS_A_PAGE = 20
FIRST_REPLIES = 5
REPLIES_A_PAGE = 100
EMPTY = mark_safe("")
OWN_SHOWN = 20  # the newest of one's own, wherever they stand

_ANY = -1  # in place of a thread
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Sort(TextChoices):
    """`PICKS` are the newsroom's alone, replies among them, the latest pick first."""

    PICKS = "picks", _("Our picks")
    NEWEST = "newest", _("Newest")
    OLDEST = "oldest", _("Oldest")
    RECOMMENDED = "recommended", _("Most recommended")


@dataclass(frozen=True)
class Cursor:
    """The row that a page begins behind: what it is sorted by (microseconds or a number), and its id."""

    key: int
    pk: int

    @classmethod
    def parse(cls, raw: str) -> Cursor:
        """Raises ValueError for what is no cursor."""
        key, _dash, pk = raw.partition("-")
        if not (raw.isascii() and key.isdecimal() and pk.isdecimal() and len(raw) < 38):
            raise ValueError(raw)
        return cls(min(int(key), 2**57), int(pk))

    @classmethod
    def of(cls, comment: Comment, sort: Sort) -> Cursor:
        if sort == Sort.RECOMMENDED:
            return cls(comment.recommendations, comment.pk)
        at = comment.picked_at or _EPOCH if sort == Sort.PICKS else comment.created_at
        return cls.at_time(at, comment.pk)

    @classmethod
    def at_time(cls, at: datetime, pk: int) -> Cursor:
        return cls((at - _EPOCH) // _MICROSECOND, pk)

    def __str__(self) -> str:
        return f"{self.key}-{self.pk}"

    @property
    def at(self) -> datetime:
        return _EPOCH + self.key * _MICROSECOND


@dataclass
class Thread:
    """`more` is how many of its public replies are not on this page, `after` the path that they begin behind."""

    opening: Comment
    replies: list[Comment] = field(default_factory=list)
    more: int = 0
    after: str = ""
    html: SafeString = EMPTY


@dataclass(frozen=True)
class Page:
    """`next` is where the next page begins; None on the last one."""

    threads: list[Thread]
    next: Cursor | None = None


def page_of(
    article_id: int, *, sort: Sort = Sort.NEWEST, after: Cursor | None = None, own_device: str | None = None
) -> Page:
    """Two queries; two more to add what `own_device` wrote lately, wherever that stands."""
    ordered = _picks(article_id, after) if sort == Sort.PICKS else _openings(article_id, sort, after)
    found = list(ordered[: THREADS_A_PAGE + 1])
    threads = [Thread(opening) for opening in found[:THREADS_A_PAGE]]
    if sort != Sort.PICKS:
        _add_first_replies(threads)
        if own_device:
            threads = _with_own(article_id, own_device, threads, sort)
    _render(threads, own_device)
    return Page(threads, Cursor.of(found[THREADS_A_PAGE - 1], sort) if len(found) > THREADS_A_PAGE else None)


def page_of_thread(opening: Comment, *, after: str = "") -> Thread:
    """The replies of one thread behind this path."""
    found = list(_replies(opening.pk).filter(path__gt=after)[: REPLIES_A_PAGE + 1])
    thread = Thread(opening, found[:REPLIES_A_PAGE])
    if len(found) > REPLIES_A_PAGE:
        thread.more, thread.after = -1, found[REPLIES_A_PAGE - 1].path
    _render([thread], None)
    return thread


def where(comment: Comment) -> dict[str, str]:
    """The query of the page on which this public comment stands; empty for the first page of the conversation."""
    if comment.thread_id is None:
        return _page_with_opening(comment)
    earlier = _replies(comment.thread_id).filter(path__lt=comment.path).order_by("-path")
    paths = list(earlier.values_list("path", flat=True)[:FIRST_REPLIES])
    if len(paths) < FIRST_REPLIES:
        return _page_with_opening(Comment.objects.get(pk=comment.thread_id))
    return {"thread": str(comment.thread_id), "after": paths[0]}


def _page_with_opening(opening: Comment) -> dict[str, str]:
    newer = _openings(opening.article_id, Sort.OLDEST, Cursor.of(opening, Sort.OLDEST))
    nearest = list(newer[:THREADS_A_PAGE])
    return {"after": str(Cursor.of(nearest[0], Sort.NEWEST))} if len(nearest) == THREADS_A_PAGE else {}


def _openings(article_id: int, sort: Sort, after: Cursor | None) -> QuerySet[Comment]:
    openings = Comment.objects.filter(article_id=article_id, level=1, is_shown=True)
    if sort == Sort.RECOMMENDED:
        openings = openings.order_by("-recommendations", "-pk")
        return openings.behind(after.key, after.pk) if after else openings
    openings = openings.oldest() if sort == Sort.OLDEST else openings.newest()
    return openings.behind(after.at, after.pk) if after else openings


def _picks(article_id: int, after: Cursor | None) -> QuerySet[Comment]:
    picks = Comment.objects.approved().filter(article_id=article_id, picked_at__isnull=False)
    picks = picks.order_by("-picked_at", "-pk")
    return picks.behind(after.at, after.pk) if after else picks


def _replies(thread_id: int) -> QuerySet[Comment]:
    return Comment.objects.filter(thread_id=thread_id, is_shown=True).order_by("path")


def _add_first_replies(threads: list[Thread]) -> None:
    """In one query that reads no more than it returns: each thread's replies off the end of the index."""
    discussed = {thread.opening.pk: thread for thread in threads if thread.opening.shown_replies}
    if not discussed:
        return
    parts: list[str] = []
    parameters: list[Any] = []
    for pk in discussed:
        sql, values = _first_replies_of_any()
        parts.append(f"SELECT * FROM ({sql}) AS thread_{int(pk)}")  # noqa: S608 (all of it is Django's)
        parameters += [pk if value == _ANY else value for value in values]
    for reply in Comment.objects.raw(" UNION ALL ".join(parts), parameters):
        discussed[reply.thread_id or 0].replies.append(reply)
    for thread in discussed.values():
        thread.replies.sort(key=lambda reply: reply.path)
        if len(thread.replies) > FIRST_REPLIES:
            del thread.replies[FIRST_REPLIES:]
            thread.more = thread.opening.public_replies - sum(reply.is_public() for reply in thread.replies)
            thread.after = thread.replies[-1].path


@cache
def _first_replies_of_any() -> tuple[str, tuple[Any, ...]]:
    """Composed once: Django takes longer to write this query than the database to answer it."""
    return _replies(_ANY)[: FIRST_REPLIES + 1].query.sql_with_params()


def own_html(article_id: int, device: str) -> list[str]:
    """What this device wrote lately under the article, as its author sees it, the oldest first."""
    own = list(_own(article_id, device))[::-1]
    parents = Comment.objects.in_bulk([comment.parent_id for comment in own if comment.parent_id])
    html = html_of(own, parents, device)
    return [html[comment.pk] for comment in own]


def _own(article_id: int, device: str) -> QuerySet[Comment]:
    visible = [Status.HELD, Status.SPAM, Status.APPROVED]
    return Comment.objects.filter(article_id=article_id, device=device, status__in=visible).newest()[:OWN_SHOWN]


def _with_own(article_id: int, device: str, threads: list[Thread], sort: Sort) -> list[Thread]:
    """The threads with what this device wrote lately in its place, waiting or not; its own threads come along."""
    own = _own(article_id, device)
    by_opening = {thread.opening.pk: thread for thread in threads}
    absent = {comment.thread_id or comment.pk: comment for comment in own} if own else {}
    missing = Comment.objects.filter(pk__in=absent.keys() - by_opening.keys()) if absent else []
    for opening in missing:
        by_opening[opening.pk] = Thread(opening, more=opening.public_replies)
    for comment in own:
        thread = by_opening[comment.thread_id or comment.pk]
        if comment.thread_id and comment.pk not in {reply.pk for reply in thread.replies}:
            thread.replies.append(comment)
            thread.replies.sort(key=lambda reply: reply.path)
            thread.more -= comment.is_public()
    return sorted(
        by_opening.values(),
        key=lambda thread: (Cursor.of(thread.opening, sort).key, thread.opening.pk),
        reverse=sort != Sort.OLDEST,
    )


def _render(threads: list[Thread], own_device: str | None) -> None:
    comments = {comment.pk: comment for thread in threads for comment in (thread.opening, *thread.replies)}
    absent = {comment.parent_id for comment in comments.values() if comment.parent_id} - comments.keys()
    parents = {**comments, **(Comment.objects.in_bulk(absent) if absent else {})}
    html = html_of(list(comments.values()), parents, own_device)
    for thread in threads:
        thread.html = mark_safe("".join(html[comment.pk] for comment in (thread.opening, *thread.replies)))
