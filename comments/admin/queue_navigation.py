"""How one walks through a queue at the desk: where the list begins, and the addresses before and behind."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from comments.models import Comment
from comments.queue.cursor import Place
from comments.queue.selection import Selection, View

Start = dict[str, Place]  # "after" or "before", by which the list begins behind a place or ends before it


def start_of(request: HttpRequest, selection: Selection) -> Start:
    """By the address. Raises Http404."""
    try:
        return {name: selection.place(request.GET[name]) for name in ("after", "before") if name in request.GET}
    except ValueError as error:
        raise Http404 from error


def query_of(selection: Selection, start: Start, **more: int) -> str:
    rest: dict[str, Any] = {**start, **more}
    return f"{selection.query}&{urlencode(rest)}" if rest else selection.query


def address_of(selection: Selection, start: Start, **more: int) -> str:
    return f"{reverse('admin:comments_desk_changelist')}?{query_of(selection, start, **more)}"


def steps_from(focus: Comment | None, selection: Selection, view: View, start: Start) -> dict[str, str]:
    """The addresses `previous` and `next` beside what is in focus, also over the ends of the list; and `further`, that
    of the list behind this one.
    """
    listed = [comment.pk for comment in view.comments]
    at = listed.index(focus.pk) if focus and focus.pk in listed else None
    further = address_of(selection, {"after": view.after}) if view.after else ""
    # What is in focus may have left the list: its place there is between two others.
    before = selection.place_of(focus) if focus and at is None else view.before
    behind = (comment.pk for comment in view.comments if focus and selection.is_behind(comment, focus))
    following = next(behind, None)
    steps = {"further": further}
    if at:
        steps["previous"] = address_of(selection, start, comment=listed[at - 1])
    elif before:
        steps["previous"] = address_of(selection, {"before": before})
    if following:
        steps["next"] = address_of(selection, start, comment=following)
    elif further:
        steps["next"] = further
    return steps
