"""What moves when a comment becomes public or ceases to be: the counts of its conversation and of those above it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, Exists, F, Q, Value, When
from django.db.models.functions import Greatest

from comments.models.comment import Comment
from comments.models.conversation import Conversation
from comments.statuses import Status

HAS_VISIBLE_REPLIES = Q(visible_reply_count__gt=0)  # of a comment that is not public


@transaction.atomic
def update_public_counts(comment: Comment, change: int) -> None:
    """For a comment that has just become public (+1) or ceased to be (-1), in the transaction of the change."""
    update_conversation_counts(comment, change)
    Comment.objects.filter(pk=comment.pk).update(is_visible=Q(status=Status.APPROVED) | HAS_VISIBLE_REPLIES)
    update_ancestor_counts(comment, change)


def update_conversation_counts(comment: Comment, change: int) -> None:
    """Locks the conversation, too: see `Conversation.lock`.

    Before the comment itself is moved: nothing falls below zero, so that who comes too late to move it is told so,
    and not by a check of the database.
    """
    Conversation.objects.filter(article_id=comment.article_id).update(
        public_count=Greatest(F("public_count") + change, 0),
        published_count=F("published_count") + (_first_publication(comment) if change > 0 else 0),
        pick_count=Greatest(F("pick_count") + (change if comment.picked_at else 0), 0),
        version=F("version") + 1,
    )


def _first_publication(comment: Comment) -> Case:
    """0 for one that was public before: whoever has the page open has seen it."""
    was_public = Comment.objects.filter(pk=comment.pk, decisions__from_status=Status.APPROVED)
    return Case(When(Exists(was_public), then=0), default=1)


def update_ancestor_counts(comment: Comment, change: int) -> None:
    """In the opening comment, and in the parent if the comment appears there or is gone: no reply keeps its place.

    One statement, unless the parent is neither the opening comment nor public: then more may appear or go.
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
    """Parent by parent, as long as each appears, or is gone, for the sake of the one below it."""
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
    """Of one whose shown replies become one more or one fewer."""
    return Value(True) if change > 0 else Q(status=Status.APPROVED) | Q(visible_reply_count__gt=1)
