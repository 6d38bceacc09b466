"""Navigation in the moderation queue: the position of the list, and links to previous and next comments."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from articles.cursor import PageCursor
from comments.models import Comment
from comments.queue.selection import QueuePage, QueueQuery

# "after" or "before", with the cursor after which the list begins or before which it ends.
ListPosition = dict[str, PageCursor]


def list_position(request: HttpRequest, selection: QueueQuery) -> ListPosition:
    """Parse the position from the query string. Raise Http404."""
    try:
        return {name: selection.parse_cursor(request.GET[name]) for name in ("after", "before") if name in request.GET}
    except ValueError as error:
        raise Http404 from error


def queue_query_string(selection: QueueQuery, start: ListPosition, **more: int) -> str:
    rest: dict[str, Any] = {**start, **more}
    return f"{selection.query}&{urlencode(rest)}" if rest else selection.query


def queue_url(selection: QueueQuery, start: ListPosition, **more: int) -> str:
    return f"{reverse('admin:comments_moderation_changelist')}?{queue_query_string(selection, start, **more)}"


def previous_next_links(
    focus: Comment | None, selection: QueueQuery, view: QueuePage, start: ListPosition
) -> dict[str, str]:
    """Return the URLs `previous` and `next` of the selected comment's neighbours, also across pages.

    `further` is the URL of the next page.
    """
    listed = [comment.pk for comment in view.comments]
    at = listed.index(focus.pk) if focus and focus.pk in listed else None
    further = queue_url(selection, {"after": view.after}) if view.after else ""
    # The selected comment may have left the list. Its position there is between two others.
    before = selection.cursor_of(focus) if focus and at is None else view.before
    behind = (comment.pk for comment in view.comments if focus and selection.is_after(comment, focus))
    following = next(behind, None)
    steps = {"further": further}
    if at:
        steps["previous"] = queue_url(selection, start, comment=listed[at - 1])
    elif before:
        steps["previous"] = queue_url(selection, {"before": before})
    if following:
        steps["next"] = queue_url(selection, start, comment=following)
    elif further:
        steps["next"] = further
    return steps
