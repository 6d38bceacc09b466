"""What moves when a comment becomes public or ceases to be: the counts of its conversation and of those above it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, Exists, F, Q, Value, When
from django.db.models.functions import Greatest

from comments.models.comment import Comment
from comments.models.conversation import Conversation
from comments.statuses import Status

KEEPS_ITS_PLACE = Q(shown_replies__gt=0)  # of a comment that is not public


@transaction.atomic
def count_public(comment: Comment, change: int) -> None:
    """For a comment that has just become public (+1) or ceased to be (-1), in the transaction of the change."""
    count_in_conversation(comment, change)
    Comment.objects.filter(pk=comment.pk).update(is_shown=Q(status=Status.APPROVED) | KEEPS_ITS_PLACE)
    count_above(comment, change)


def count_in_conversation(comment: Comment, change: int) -> None:
    """Locks the conversation, too: see `Conversation.lock`.

    Before the comment itself is moved: nothing falls below zero, so that who comes too late to move it is told so,
    and not by a check of the database.
    """
    Conversation.objects.filter(article_id=comment.article_id).update(
        public_count=Greatest(F("public_count") + change, 0),
        published=F("published") + (_once(comment) if change > 0 else 0),
        picks=Greatest(F("picks") + (change if comment.picked_at else 0), 0),
        version=F("version") + 1,
    )


def _once(comment: Comment) -> Case:
    """0 for one that was public before: whoever has the page open has seen it."""
    was_public = Comment.objects.filter(pk=comment.pk, decisions__was=Status.APPROVED)
    return Case(When(Exists(was_public), then=0), default=1)


def count_above(comment: Comment, change: int) -> None:
    """In the opening comment, and in the parent if the comment appears there or is gone: no reply keeps its place.

    One statement, unless the parent is neither the opening comment nor public: then more may appear or go.
    """
    if comment.thread_id is None:
        return
    parent = Q(pk=comment.parent_id) & _has_come_or_gone(Q(pk=comment.pk, shown_replies=0))
    if comment.parent_id != comment.thread_id:
        parent &= Q(status=Status.APPROVED)
    told = Comment.objects.filter(Q(pk=comment.thread_id) | parent).update(
        public_replies=F("public_replies") + Case(When(pk=comment.thread_id, then=change), default=0),
        shown_replies=F("shown_replies") + Case(When(parent, then=change), default=0),
        is_shown=Case(When(parent, then=_is_shown(change)), default=F("is_shown")),
    )
    if told < len({comment.thread_id, comment.parent_id}):
        _count_further_up(comment, change)


def _count_further_up(comment: Comment, change: int) -> None:
    """Parent by parent, as long as each appears, or is gone, for the sake of the one below it."""
    below, pk = Q(pk=comment.pk, shown_replies=0), comment.parent_id
    while pk:
        parent = Comment.objects.filter(_has_come_or_gone(below), pk=pk)
        if not parent.update(shown_replies=F("shown_replies") + change, is_shown=_is_shown(change)):
            return
        below = Q(pk=pk, shown_replies=max(change, 0)) & ~Q(status=Status.APPROVED)
        pk = Comment.objects.values_list("parent_id", flat=True).get(pk=pk)


def _has_come_or_gone(which: Q) -> Q:
    return Q(Exists(Comment.objects.filter(which)))


def _is_shown(change: int) -> Q | Value:
    """Of one whose shown replies become one more or one fewer."""
    return Value(True) if change > 0 else Q(status=Status.APPROVED) | Q(shown_replies__gt=1)
