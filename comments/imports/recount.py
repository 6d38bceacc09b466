"""Reply counts of whole threads in one pass, equal to those that `models.counters` updates one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from comments.models import Comment
from comments.statuses import Status

_COUNT_FIELDS = ["approved_reply_count", "visible_reply_count", "is_visible"]


def set_counts(ordered: Iterable[Comment]) -> None:
    """Set the counts of whole threads. The comments must be ordered parents first."""
    comments = list(ordered)
    by_pk = {comment.pk: comment for comment in comments}
    for comment in comments:
        comment.approved_reply_count = comment.visible_reply_count = 0
    for comment in reversed(comments):
        comment.is_visible = comment.status == Status.APPROVED or comment.visible_reply_count > 0
        if comment.parent_id and comment.is_visible:
            by_pk[comment.parent_id].visible_reply_count += 1
        if comment.thread_id and comment.status == Status.APPROVED:
            by_pk[comment.thread_id].approved_reply_count += 1


def recount(threads: Collection[int]) -> None:
    """Recount threads, given by the ids of their first comments. Their conversations must be locked."""
    if not threads:
        return
    fields = ["pk", "parent_id", "thread_id", "status", *_COUNT_FIELDS]
    top_level = Comment.objects.filter(pk__in=threads).only(*fields)
    replies = list(Comment.objects.filter(thread__in=threads).only(*fields))
    previous_counts = {each.pk: [getattr(each, name) for name in _COUNT_FIELDS] for each in (*top_level, *replies)}
    ordered = _parents_first(list(top_level), replies)
    set_counts(ordered)
    changed = [each for each in ordered if previous_counts[each.pk] != [getattr(each, name) for name in _COUNT_FIELDS]]
    Comment.objects.bulk_update(changed, _COUNT_FIELDS, batch_size=500)


def _parents_first(top_level: list[Comment], replies: list[Comment]) -> list[Comment]:
    replies_by_parent: dict[int | None, list[Comment]] = {}
    for reply in replies:
        replies_by_parent.setdefault(reply.parent_id, []).append(reply)
    ordered = list(top_level)
    for comment in ordered:  # grows during the loop
        ordered += replies_by_parent.get(comment.pk, ())
    return ordered
