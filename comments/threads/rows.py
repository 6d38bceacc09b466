"""What a page of a conversation reads of its comments: rows. To make a model of each would take longer than all the
rest of a page whose comments' HTML is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import router
from django.db.models import QuerySet

from comments.models import Comment


class Row(NamedTuple):
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
    public_replies: int
    shown_replies: int
    recommendations: int
    version: int
    device: str
    staff_id: int | None

    @classmethod
    def of(cls, comment: Comment) -> Row:
        return cls(*(getattr(comment, field) for field in cls._fields))

    def comment(self) -> Comment:
        """For what takes one; what the row has not is read when it is asked for."""
        return Comment.from_db(router.db_for_read(Comment), _FIELDS, self)


_FIELDS = ["id", *Row._fields[1:]]


def as_values(comments: QuerySet[Comment]) -> QuerySet[Comment, tuple[Any, ...]]:
    return comments.values_list(*Row._fields)


def rows_of(comments: QuerySet[Comment]) -> list[Row]:
    return [Row._make(values) for values in as_values(comments)]
