"""Counters of a conversation and of parent comments, updated when a comment becomes public or is hidden."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, Exists, F, Q, Value, When
from django.db.models.functions import Greatest

from comments.models.comment import Comment
from comments.models.conversation import Conversation
from comments.statuses import Status

HAS_VISIBLE_REPLIES = Q(visible_reply_count__gt=0)  # for a comment that is not public


@transaction.atomic
def update_public_counts(comment: Comment, change: int) -> None:
    """Update all counters for a comment that became public (+1) or was hidden (-1).

    Call it in the transaction of the change.
    """
    update_conversation_counts(comment, change)
    Comment.objects.filter(pk=comment.pk).update(is_visible=Q(status=Status.APPROVED) | HAS_VISIBLE_REPLIES)
    update_ancestor_counts(comment, change)


def update_conversation_counts(comment: Comment, change: int) -> None:
    """Update the counters of the conversation and lock it: see `Conversation.lock`.

    Call it before the comment is changed. No counter falls below zero, so a concurrent change fails with its own
    message and not with a constraint error.
    """
    Conversation.objects.filter(article_id=comment.article_id).update(
        public_count=Greatest(F("public_count") + change, 0),
        published_count=F("published_count") + (_first_publication(comment) if change > 0 else 0),
        pick_count=Greatest(F("pick_count") + (change if comment.picked_at else 0), 0),
        version=F("version") + 1,
    )


def _first_publication(comment: Comment) -> Case:
    """Return 0 for a comment that was public before, because open pages have already counted it."""
    was_public = Comment.objects.filter(pk=comment.pk, decisions__from_status=Status.APPROVED)
    return Case(When(Exists(was_public), then=0), default=1)


def update_ancestor_counts(comment: Comment, change: int) -> None:
    """Update the first comment of the thread, and the parent if the comment becomes visible or is removed completely.

    This is one statement, unless the parent is neither the first comment nor public: then further ancestors may
    appear or disappear.
    """
    if comment.thread_id is None:
        return
    parent = Q(pk=comment.parent_id) & _matches(Q(pk=comment.pk, visible_reply_count=0))
    if comment.parent_id != comment.thread_id:
        parent &= Q(status=Status.APPROVED)
    told = Comment.objects.filter(Q(pk=comment.thread_id) | parent).update(
        approved_reply_count=F("approved_reply_count") + Case(When(pk=comment.thread_id, then=change), default=0),
        visible_reply_count=F("visible_reply_count") + Case(When(parent, then=change), default=0),
        is_visible=Case(When(parent, then=_visibility_after(change)), default=F("is_visible")),
    )
    if told < len({comment.thread_id, comment.parent_id}):
        _update_further_ancestors(comment, change)


def _update_further_ancestors(comment: Comment, change: int) -> None:
    """Update parent by parent, as long as the change makes each of them appear or disappear."""
    below, pk = Q(pk=comment.pk, visible_reply_count=0), comment.parent_id
    while pk:
        parent = Comment.objects.filter(_matches(below), pk=pk)
        if not parent.update(
            visible_reply_count=F("visible_reply_count") + change, is_visible=_visibility_after(change)
        ):
            return
        below = Q(pk=pk, visible_reply_count=max(change, 0)) & ~Q(status=Status.APPROVED)
        pk = Comment.objects.values_list("parent_id", flat=True).get(pk=pk)


def _matches(which: Q) -> Q:
    return Q(Exists(Comment.objects.filter(which)))


def _visibility_after(change: int) -> Q | Value:
    """Return the value of `is_visible` for a comment whose number of visible replies changes by one."""
    return Value(True) if change > 0 else Q(status=Status.APPROVED) | Q(visible_reply_count__gt=1)
