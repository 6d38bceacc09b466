"""The HTML of comments, kept under their versions: made when a comment changes, not when it is read."""

from __future__ import annotations

from collections.abc import Collection

from django.core.cache import caches
from django.template.loader import render_to_string

from comments.editing import editable_among
from comments.links import text_as_html
from comments.models import DEEPEST_INDENT, Comment


def html_of(comments: Collection[Comment], parents: dict[int, Comment], own_device: str | None) -> dict[int, str]:
    """By comment. `parents` are those replied to; what `own_device` wrote is shown as its own, and never kept."""
    editable = editable_among(comment for comment in comments if is_own(comment, own_device))
    keys = {comment.pk: _key(comment, parents) for comment in comments if not is_own(comment, own_device)}
    kept = caches["default"].get_many(keys.values())
    html, made = {}, {}
    for comment in comments:
        key = keys.get(comment.pk)
        if key in kept:
            html[comment.pk] = kept[key]
            continue
        html[comment.pk] = _render(comment, parents, is_own=key is None, may_edit=comment.pk in editable)
        if key:
            made[key] = html[comment.pk]
    if made:
        caches["default"].set_many(made)
    return html


def is_own(comment: Comment, device: str | None) -> bool:
    """Whether it is shown to the author as such: while it is public or waits."""
    return bool(device) and comment.device == device and (comment.is_public() or comment.is_waiting())


def _key(comment: Comment, parents: dict[int, Comment]) -> str:
    """A reply shows its parent's name, and only while that is public."""
    parent = parents.get(comment.parent_id or 0)
    return f"comment:{comment.pk}:{comment.version}:{comment.recommendations}:{parent.version if parent else 0}"


def _render(comment: Comment, parents: dict[int, Comment], *, is_own: bool, may_edit: bool) -> str:
    parent = parents.get(comment.parent_id or 0)
    is_seen = is_own or comment.is_public()
    return render_to_string(
        "comments/_comment.html",
        {
            "comment": comment,
            "text": text_as_html(comment.text) if is_seen else "",
            "level": min(comment.level, DEEPEST_INDENT),
            "in_reply_to": parent.name if parent and parent.is_public() else "",
            "is_own": is_own,
            "may_edit": may_edit,
            "is_waiting": is_own and comment.is_waiting(),
            "is_gone": not is_seen,
        },
    )
