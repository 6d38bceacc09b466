"""One page of a conversation: the newest threads, each with its replies, as HTML.

Two queries, whatever the number of comments. A comment's HTML is kept under its version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.cache import caches
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from comments.links import text_as_html
from comments.models import Comment, CommentQuerySet
from comments.statuses import Status

THREADS_A_PAGE = 20
REPLIES_A_PAGE = 500
DEEPEST_INDENT = 4


@dataclass(frozen=True)
class Page:
    """`older` is the opening comment that the next page begins below; None on the last one."""

    comments: list[Comment] = field(default_factory=list)
    older: int | None = None

    def html(self, *, own_device: str | None = None) -> SafeString:
        return mark_safe("".join(_html_of(self.comments, own_device)))


def page_of(article_id: int, *, before: Comment | None = None, own_device: str | None = None) -> Page:
    """Newest thread first; within a thread depth first, oldest first.

    `own_device` adds that reader's own waiting comments. A comment that is gone but was replied to keeps its place.
    """
    opening = _opening(article_id, own_device).newest()
    if before:
        opening = opening.filter(
            Q(created_at__lt=before.created_at) | Q(created_at=before.created_at, pk__lt=before.pk)
        )
    found = list(opening[: THREADS_A_PAGE + 1])
    threads = found[:THREADS_A_PAGE]
    replies = _replies_of(threads)
    shown = [comment for thread in threads for comment in _in_reading_order(thread, replies, own_device)]
    return Page(shown, older=threads[-1].pk if len(found) > THREADS_A_PAGE else None)


def page_with(comment: Comment) -> Comment | None:
    """The opening comment whose `before` page begins with this comment's thread; None if that is the first page."""
    opening = comment.thread or comment
    newer = _opening(comment.article_id).filter(
        Q(created_at__gt=opening.created_at) | Q(created_at=opening.created_at, pk__gt=opening.pk)
    )
    nearest = list(newer.order_by("created_at", "pk")[:THREADS_A_PAGE])
    return nearest[0] if len(nearest) == THREADS_A_PAGE else None


def _opening(article_id: int, own_device: str | None = None) -> CommentQuerySet:
    """The opening comments that are seen: themselves, or for what is seen beneath them."""
    seen = Q(status=Status.APPROVED) | Q(public_replies__gt=0)
    if own_device:
        own = Comment.objects.filter(device=own_device, status__in=[Status.HELD, Status.SPAM])
        seen |= Q(pk__in=own.values("pk")) | Q(pk__in=own.exclude(thread=None).values("thread"))
    return Comment.objects.filter(seen, article_id=article_id, thread=None)


def _replies_of(threads: list[Comment]) -> dict[int, list[Comment]]:
    """By the comment that they reply to, oldest first."""
    if not threads:
        return {}
    replies: dict[int, list[Comment]] = defaultdict(list)
    found = Comment.objects.filter(thread__in=threads).order_by("created_at", "pk")
    for reply in found[:REPLIES_A_PAGE]:
        replies[reply.parent_id or 0].append(reply)
    return replies


def _in_reading_order(thread: Comment, replies: dict[int, list[Comment]], own_device: str | None) -> Iterator[Comment]:
    """Depth first, without recursion: threads may be a thousand deep."""
    order: list[Comment] = []
    waiting = [thread]
    while waiting:
        comment = waiting.pop()
        order.append(comment)
        waiting.extend(reversed(replies.get(comment.pk, [])))
    needed: set[int] = set()  # what is seen, and what somebody seen replies to
    for comment in reversed(order):
        if comment.is_public() or is_own_waiting(comment, own_device) or comment.pk in needed:
            needed |= {comment.pk, comment.parent_id or 0}
    return (comment for comment in order if comment.pk in needed)


def is_own_waiting(comment: Comment, device: str | None) -> bool:
    return device is not None and comment.device == device and comment.is_waiting()


def _html_of(comments: list[Comment], own_device: str | None) -> Iterator[str]:
    on_page = {comment.pk: comment for comment in comments}
    keys = {comment.pk: _key(comment, on_page.get(comment.parent_id or 0)) for comment in comments}
    kept = caches["default"].get_many(keys.values())
    made = {}
    for comment in comments:
        key, parent = keys[comment.pk], on_page.get(comment.parent_id or 0)
        if is_own_waiting(comment, own_device):
            yield _render(comment, parent, is_waiting=True)
        elif key in kept:
            yield kept[key]
        else:
            made[key] = _render(comment, parent)
            yield made[key]
    if made:
        caches["default"].set_many(made)


def _key(comment: Comment, parent: Comment | None) -> str:
    """A reply shows its parent's name, and only while that is public."""
    return f"comment:{comment.pk}:{comment.version}:{parent.version if parent else 0}"


def _render(comment: Comment, parent: Comment | None, *, is_waiting: bool = False) -> str:
    is_seen = is_waiting or comment.is_public()
    return render_to_string(
        "comments/_comment.html",
        {
            "comment": comment,
            "text": text_as_html(comment.text) if is_seen else "",
            "level": min(comment.level, DEEPEST_INDENT),
            "in_reply_to": parent.name if parent and parent.is_public() else "",
            "is_waiting": is_waiting,
            "is_gone": not is_seen,
        },
    )
