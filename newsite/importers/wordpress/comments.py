"""A WordPress comment as one of ours."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from comments.identity import is_address, network_of
from comments.imports.records import Incoming, device_of
from comments.models import NAME_LENGTH
from comments.statuses import Status
from comments.text.clean import clean_name, clean_text
from newsite.importers.html_to_text import as_line, as_text
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.posts import NotTaken, instant
from newsite.importers.wordpress.records import Comment

NAME_WAS_CUT = f"its author’s name has more than {NAME_LENGTH} characters: cut"
STATES = {
    "1": Status.APPROVED,
    "approved": Status.APPROVED,
    "0": Status.HELD,
    "hold": Status.HELD,
    "": Status.HELD,
    "spam": Status.SPAM,
    "trash": Status.REJECTED,
    "post-trashed": Status.REJECTED,
}


def make(comment: Comment, article: int) -> Incoming:
    """Raises NotTaken."""
    if not comment.id:
        raise NotTaken("it has no id")
    if comment.kind not in {"", "comment"}:
        raise NotTaken(f"a {comment.kind}, not a reader’s comment")
    at = newsite_meta.moment(comment.meta, newsite_meta.AT) or instant(comment.at)
    if at is None:
        raise NotTaken("it has no date")
    text = clean_text(as_text(comment.content, keeps_lines=True))
    status = _status(comment)
    if not text and status != Status.WITHDRAWN:
        raise NotTaken("it has no text")
    return Incoming(
        key=str(comment.id),
        article=article,
        parent=str(comment.parent) if comment.parent else "",
        name=name_of(as_line(comment.author)),
        text=text,
        status=status,
        at=at,
        device=device_of(comment.email),
        network=network_of(comment.address) if is_address(comment.address) else "",
        wanted_id=comment.id,
        staff=_staff(comment),
        picked_at=newsite_meta.moment(comment.meta, newsite_meta.PICKED_AT),
        edited_at=newsite_meta.moment(comment.meta, newsite_meta.EDITED_AT),
        redacted_at=newsite_meta.moment(comment.meta, newsite_meta.REDACTED_AT),
    )


def name_of(written: str) -> str:
    return clean_name(written)[:NAME_LENGTH].strip() or _("Anonymous")


def is_too_long(written: str) -> bool:
    """Tell whether `name_of` cuts this name."""
    return len(clean_name(written)) > NAME_LENGTH


def _status(comment: Comment) -> Status:
    """Of what we do not know somebody has to decide."""
    exact = newsite_meta.first(comment.meta, newsite_meta.STATUS).upper()
    return Status[exact] if exact in Status.__members__ else STATES.get(comment.state, Status.HELD)


def _staff(comment: Comment) -> User | None:
    """Whoever wrote it for the newsroom, if they work here, too."""
    username = newsite_meta.first(comment.meta, newsite_meta.STAFF)
    return User.objects.filter(username=username, is_staff=True).first() if username else None
