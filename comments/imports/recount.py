"""What a thread's comments count, all at once: the same as `counting` makes it one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from comments.models import Comment
from comments.statuses import Status

_COUNTED = ["public_replies", "shown_replies", "is_shown"]


def count(in_order: Iterable[Comment]) -> None:
    """Sets the counts of comments that come parents first, with all of their threads."""
    comments = list(in_order)
    by_pk = {comment.pk: comment for comment in comments}
    for comment in comments:
        comment.public_replies = comment.shown_replies = 0
    for comment in reversed(comments):
        comment.is_shown = comment.status == Status.APPROVED or comment.shown_replies > 0
        if comment.parent_id and comment.is_shown:
            by_pk[comment.parent_id].shown_replies += 1
        if comment.thread_id and comment.status == Status.APPROVED:
            by_pk[comment.thread_id].public_replies += 1


def recount(threads: Collection[int]) -> None:
    """Of threads by the ids of their openings. Their conversations are locked."""
    if not threads:
        return
    fields = ["pk", "parent_id", "thread_id", "status", *_COUNTED]
    openings = Comment.objects.filter(pk__in=threads).only(*fields)
    replies = list(Comment.objects.filter(thread__in=threads).only(*fields))
    before = {each.pk: [getattr(each, name) for name in _COUNTED] for each in (*openings, *replies)}
    ordered = _parents_first(list(openings), replies)
    count(ordered)
    moved = [each for each in ordered if before[each.pk] != [getattr(each, name) for name in _COUNTED]]
    Comment.objects.bulk_update(moved, _COUNTED, batch_size=500)


def _parents_first(openings: list[Comment], replies: list[Comment]) -> list[Comment]:
    below: dict[int | None, list[Comment]] = {}
    for reply in replies:
        below.setdefault(reply.parent_id, []).append(reply)
    ordered = list(openings)
    for comment in ordered:  # it grows on the way
        ordered += below.get(comment.pk, ())
    return ordered
