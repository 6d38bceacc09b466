"""Rows of comments for the pages of a conversation.

Creating a model instance for each comment would take longer than the rest of a page with cached HTML.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import router
from django.db.models import QuerySet

from comments.models import Comment


class CommentRow(NamedTuple):
    """Fields of a comment that its HTML and its position depend on."""

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
        """Return a model instance; fields that the row does not have are read from the database when they are used."""
        return Comment.from_db(router.db_for_read(Comment), _FIELDS, self)


_FIELDS = ["id", *CommentRow._fields[1:]]


def select_row_values(comments: QuerySet[Comment]) -> QuerySet[Comment, tuple[Any, ...]]:
    return comments.values_list(*CommentRow._fields)


def load_rows(comments: QuerySet[Comment]) -> list[CommentRow]:
    return [CommentRow._make(values) for values in select_row_values(comments)]
