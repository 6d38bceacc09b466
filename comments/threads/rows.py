"""What a page of a conversation reads of its comments: rows. To make a model of each would take longer than all the
rest of a page whose comments' HTML is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import router
from django.db.models import QuerySet

from comments.models import Comment


class CommentRow(NamedTuple):
    """The fields of a comment that its HTML and its place depend on."""

    pk: int
    article_id: int
    parent_id: int | None
    thread_id: int | None
    level: int
    path: str
    name: str
    text: str
    status: int
    created_at: datetime
    edited_at: datetime | None
    redacted_at: datetime | None
    picked_at: datetime | None
    approved_reply_count: int
    visible_reply_count: int
    recommendations: int
    version: int
    device: str
    staff_id: int | None

    @classmethod
    def of(cls, comment: Comment) -> CommentRow:
        return cls(*(getattr(comment, field) for field in cls._fields))

    def comment(self) -> Comment:
        """For what takes one; what the row has not is read when it is asked for."""
        return Comment.from_db(router.db_for_read(Comment), _FIELDS, self)


_FIELDS = ["id", *CommentRow._fields[1:]]


def select_row_values(comments: QuerySet[Comment]) -> QuerySet[Comment, tuple[Any, ...]]:
    return comments.values_list(*CommentRow._fields)


def load_rows(comments: QuerySet[Comment]) -> list[CommentRow]:
    return [CommentRow._make(values) for values in select_row_values(comments)]
