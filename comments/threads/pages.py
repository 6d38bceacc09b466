"""Pages of a conversation: sorted threads, each with its first replies, and the pages of one thread.

A page has the same cost however long the conversation is: a fixed number of queries, each of which reads its rows
from the end of an index. There is no OFFSET and no COUNT.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from articles.cursor import PageCursor
from comments.db.compiled_query import CompiledParentChildQuery, CompiledQuery
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.statuses import Status
from comments.threads.rendering import render_comments
from comments.threads.rows import CommentRow, load_rows, select_row_values

THREADS_PER_PAGE = 20
INITIAL_REPLIES = 5
REPLIES_PER_PAGE = 100
MAX_OWN_COMMENTS = 20  # the newest comments of the reader, in any thread

# Marks for the id of an article or a thread, and for the values of a cursor.
_ANY, _ANY_KEY, _ANY_PK = 1_000_000_001, 1_000_000_002, 1_000_000_003
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Sort(TextChoices):
    """Sort order of a conversation; `PICKS` shows only editors' picks, replies included, the latest pick first."""

    PICKS = "picks", _("Editors’ picks")
    NEWEST = "newest", _("Newest")
    OLDEST = "oldest", _("Oldest")
    RECOMMENDED = "recommended", _("Most recommended")


def cursor_of(comment: Comment | CommentRow, sort: Sort) -> PageCursor:
    if sort == Sort.RECOMMENDED:
        return PageCursor(comment.recommendations, comment.pk)
    at = comment.picked_at if sort == Sort.PICKS else comment.created_at
    return PageCursor(at or _NEVER, comment.pk)


def parse_cursor(raw: str, sort: Sort) -> PageCursor:
    """Parse the cursor of a page in this order. Raise ValueError if it is malformed."""
    return PageCursor.parse(raw, int if sort == Sort.RECOMMENDED else datetime)


@dataclass
class Thread:
    """Thread on a page.

    `more` is the number of public replies that are not on this page, `after` the path of the last reply before them.
    """

    opening: CommentRow
    replies: list[CommentRow] = field(default_factory=list)
    more: int = 0
    after: str = ""
    html: bytes = b""


@dataclass(frozen=True)
class ConversationPage:
    """Page of a conversation; `next` is the cursor of the next page, None on the last one."""

    threads: list[Thread]
    next: PageCursor | None = None


def conversation_page(
    article_id: int, *, sort: Sort = Sort.NEWEST, after: PageCursor | None = None, own_device: str | None = None
) -> ConversationPage:
    """Return a page with one query on PostgreSQL, else two.

    Two more queries add the latest comments of `own_device`, on whichever page they are.
    """
    of_page = _compiled_query(sort, is_first=after is None)
    place = {"key": after and after.key, "pk": after and after.pk}
    rows = list(map(CommentRow._make, of_page.rows(article=article_id, **place)))
    openings = rows if sort == Sort.PICKS else _sorted([row for row in rows if row.thread_id is None], sort)
    threads = [Thread(opening) for opening in openings[:THREADS_PER_PAGE]]
    if sort != Sort.PICKS:
        _add_initial_replies(threads, rows)
        if own_device:
            threads = _add_own_comments(article_id, own_device, threads, sort)
    _render(threads, own_device)
    return ConversationPage(
        threads, cursor_of(openings[THREADS_PER_PAGE - 1], sort) if len(openings) > THREADS_PER_PAGE else None
    )


def _sorted(openings: list[CommentRow], sort: Sort) -> list[CommentRow]:
    field = "recommendations" if sort == Sort.RECOMMENDED else "created_at"
    return sorted(openings, key=attrgetter(field, "pk"), reverse=sort != Sort.OLDEST)


def thread_page(opening: Comment, *, after: str = "") -> Thread:
    """Return a page of replies of one thread, after this path."""
    found = load_rows(_replies(opening.pk).filter(path__gt=after)[: REPLIES_PER_PAGE + 1])
    thread = Thread(CommentRow.of(opening), found[:REPLIES_PER_PAGE])
    if len(found) > REPLIES_PER_PAGE:
        thread.more, thread.after = -1, found[REPLIES_PER_PAGE - 1].path
    _render([thread], None)
    return thread


def find_page(comment: Comment) -> dict[str, str]:
    """Return the query string of the page that shows this public comment; empty for the first page."""
    if comment.thread_id is None:
        return _page_with_opening(comment)
    earlier = _replies(comment.thread_id).filter(path__lt=comment.path).order_by("-path")
    paths = list(earlier.values_list("path", flat=True)[:INITIAL_REPLIES])
    if len(paths) < INITIAL_REPLIES:
        return _page_with_opening(Comment.objects.get(pk=comment.thread_id))
    return {"thread": str(comment.thread_id), "after": paths[0]}


def _page_with_opening(opening: Comment) -> dict[str, str]:
    nearest = list(_openings(opening.article_id, Sort.OLDEST).after(opening.created_at, opening.pk)[:THREADS_PER_PAGE])
    return {"after": str(cursor_of(nearest[0], Sort.NEWEST))} if len(nearest) == THREADS_PER_PAGE else {}


@cache
def _compiled_query(sort: Sort, *, is_first: bool) -> CompiledQuery | CompiledParentChildQuery:
    """Return the query for the threads of a page and one more, with the first replies of each.

    Picks have no replies.
    """

    def openings(article: int, key: Any = None, pk: int | None = None) -> QuerySet[Comment, tuple[Any, ...]]:
        ordered = _picks(article) if sort == Sort.PICKS else _openings(article, sort)
        ordered = ordered if is_first else ordered.after(key, pk)
        return select_row_values(ordered[: THREADS_PER_PAGE + 1])

    key = _ANY_KEY if sort == Sort.RECOMMENDED else datetime(1, 2, 3, tzinfo=UTC)
    behind = {} if is_first else {"key": key, "pk": _ANY_PK}
    of_page = CompiledQuery(Comment, openings, article=_ANY, **behind)
    return (
        of_page
        if sort == Sort.PICKS
        else CompiledParentChildQuery(of_page, _INITIAL_REPLIES_QUERY, key="pk", child_count="visible_reply_count")
    )


def _openings(article_id: int, sort: Sort) -> CommentQuerySet:
    openings = Comment.objects.filter(article_id=article_id, level=1, is_visible=True)
    if sort == Sort.RECOMMENDED:
        return openings.order_by("-recommendations", "-pk")
    return openings.oldest_first() if sort == Sort.OLDEST else openings.newest_first()


def _picks(article_id: int) -> CommentQuerySet:
    picks = Comment.objects.approved().filter(article_id=article_id, picked_at__isnull=False)
    return picks.order_by("-picked_at", "-pk")


def _replies(thread_id: int) -> CommentQuerySet:
    return Comment.objects.filter(thread_id=thread_id, is_visible=True).order_by("path")


def _add_initial_replies(threads: list[Thread], rows: list[CommentRow]) -> None:
    """Add the first replies to the threads, from the rows that were read with them.

    The rows contain one more reply than is shown.
    """
    discussed = {thread.opening.pk: thread for thread in threads if thread.opening.visible_reply_count}
    for row in rows:
        if row.thread_id in discussed:
            discussed[row.thread_id].replies.append(row)
    for thread in discussed.values():
        thread.replies.sort(key=attrgetter("path"))
        if len(thread.replies) > INITIAL_REPLIES:
            del thread.replies[INITIAL_REPLIES:]
            thread.more = thread.opening.approved_reply_count - sum(
                reply.status == Status.APPROVED for reply in thread.replies
            )
            thread.after = thread.replies[-1].path


def _initial_replies(thread: int) -> QuerySet[Comment, tuple[Any, ...]]:
    return select_row_values(_replies(thread)[: INITIAL_REPLIES + 1])


_INITIAL_REPLIES_QUERY = CompiledQuery(Comment, _initial_replies, thread=_ANY)


def own_html(article_id: int, device: str) -> list[SafeString]:
    """Return the HTML of this device's latest comments under the article, as their author sees them, oldest first."""
    own = load_rows(_own_comments(article_id, device))[::-1]
    parents = _rows_by_pk(comment.parent_id for comment in own if comment.parent_id)
    html = render_comments(own, parents, device)
    return [mark_safe(html[comment.pk].decode()) for comment in own]


def _own_comments(article_id: int, device: str) -> CommentQuerySet:
    visible = [Status.PENDING, Status.SPAM, Status.APPROVED]
    return Comment.objects.filter(article_id=article_id, device=device, status__in=visible).newest_first()[
        :MAX_OWN_COMMENTS
    ]


def _add_own_comments(article_id: int, device: str, threads: list[Thread], sort: Sort) -> list[Thread]:
    """Add the device's latest comments, pending or not, to the threads, and add the threads that they belong to."""
    own = load_rows(_own_comments(article_id, device))
    by_opening = {thread.opening.pk: thread for thread in threads}
    for pk, opening in _rows_by_pk({comment.thread_id or comment.pk for comment in own} - by_opening.keys()).items():
        by_opening[pk] = Thread(opening, more=opening.approved_reply_count)
    for comment in own:
        thread = by_opening[comment.thread_id or comment.pk]
        if comment.thread_id and comment.pk not in {reply.pk for reply in thread.replies}:
            thread.replies.append(comment)
            thread.replies.sort(key=lambda reply: reply.path)
            thread.more -= comment.status == Status.APPROVED
    return sorted(
        by_opening.values(),
        key=lambda thread: (cursor_of(thread.opening, sort).key, thread.opening.pk),
        reverse=sort != Sort.OLDEST,
    )


def _render(threads: list[Thread], own_device: str | None) -> None:
    rows = [row for thread in threads for row in (thread.opening, *thread.replies)]
    parents = {row.pk: row for row in rows}
    absent = {row.parent_id for row in rows if row.parent_id and row.parent_id not in parents}
    parents |= _rows_by_pk(absent)
    html = render_comments(rows, parents, own_device)
    for thread in threads:
        thread.html = b"".join([html[row.pk] for row in (thread.opening, *thread.replies)])


def _rows_by_pk(pks: Iterable[int]) -> dict[int, CommentRow]:
    wanted = list(pks)
    return {row.pk: row for row in load_rows(Comment.objects.filter(pk__in=wanted))} if wanted else {}
