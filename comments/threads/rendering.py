"""Cached HTML of comments, rendered when a comment changes.

The HTML is encoded as UTF-8. Joining fifty comments takes 5 µs as bytes, and 180 µs as str, because a single “’”
makes the strings wide.
"""

from __future__ import annotations

from collections.abc import Collection

from django.core.cache import caches
from django.template.loader import render_to_string

from comments.models import MAX_INDENT_LEVEL, Comment
from comments.readers.edits import find_editable
from comments.statuses import Status
from comments.text.links import comment_as_html
from comments.threads.rows import CommentRow


def render_comments(
    comments: Collection[CommentRow], parents: dict[int, CommentRow], own_device: str | None
) -> dict[int, bytes]:
    """Return the HTML of each comment by id.

    `parents` are the comments that were replied to. Comments of `own_device` are shown as the reader's own and never
    cached.
    """
    own = [row.comment() for row in comments if own_device and row.device == own_device]
    shown_as_own = {comment.pk for comment in own if comment.is_public() or comment.is_pending_for_author()}
    editable = find_editable(comment for comment in own if comment.pk in shown_as_own)
    keys = {row.pk: _cache_key(row, parents) for row in comments if row.pk not in shown_as_own}
    kept = caches["default"].get_many(keys.values())
    html, made = {}, {}
    for row in comments:
        key = keys.get(row.pk)
        if key in kept:
            html[row.pk] = kept[key]
            continue
        html[row.pk] = _render(row.comment(), parents, is_own=key is None, may_edit=row.pk in editable)
        if key:
            made[key] = html[row.pk]
    if made:
        caches["default"].set_many(made)
    return html


def _cache_key(row: CommentRow, parents: dict[int, CommentRow]) -> str:
    """Return the cache key of a comment.

    It contains the version of the parent, because a reply shows the name of its parent while that is public.
    """
    parent = parents.get(row.parent_id or 0)
    return f"comment:{row.pk}:{row.version}:{row.recommendations}:{parent.version if parent else 0}"


def _render(comment: Comment, parents: dict[int, CommentRow], *, is_own: bool, may_edit: bool) -> bytes:
    parent = parents.get(comment.parent_id or 0)
    is_seen = is_own or comment.is_public()
    html = render_to_string(
        "comments/_comment.html",
        {
            "comment": comment,
            "text": comment_as_html(comment.text) if is_seen else "",
            "level": min(comment.level, MAX_INDENT_LEVEL),
            "in_reply_to": parent.name if parent and parent.status == Status.APPROVED else "",
            "is_own": is_own,
            "may_edit": may_edit,
            "is_pending_for_author": is_own and comment.is_pending_for_author(),
            "is_gone": not is_seen,
        },
    )
    return html.encode()
