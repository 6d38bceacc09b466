"""Conversion of WordPress comments."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from comments.identity import hash_network, is_ip_address
from comments.imports.records import ImportedCommentData, device_of_email
from comments.models import MAX_NAME_LENGTH
from comments.statuses import Status
from comments.text.clean import clean_name, clean_text
from newsite.importers.html_to_text import html_to_line, html_to_text
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.posts import Skipped, to_utc
from newsite.importers.wordpress.records import WordPressComment

NAME_WAS_CUT = f"its author’s name has more than {MAX_NAME_LENGTH} characters: cut"
STATUSES = {
    "1": Status.APPROVED,
    "approved": Status.APPROVED,
    "0": Status.PENDING,
    "hold": Status.PENDING,
    "": Status.PENDING,
    "spam": Status.SPAM,
    "trash": Status.REJECTED,
    "post-trashed": Status.REJECTED,
}


def build_comment(comment: WordPressComment, article: int) -> ImportedCommentData:
    """Build the comment.

    Raise Skipped if it cannot be imported.
    """
    if not comment.id:
        raise Skipped("it has no id")
    if comment.kind not in {"", "comment"}:
        raise Skipped(f"a {comment.kind}, not a reader’s comment")
    at = newsite_meta.parse_datetime(comment.meta, newsite_meta.AT) or to_utc(comment.at)
    if at is None:
        raise Skipped("it has no date")
    text = clean_text(html_to_text(comment.content, keep_lines=True))
    status = _status(comment)
    if not text and status != Status.WITHDRAWN:
        raise Skipped("it has no text")
    return ImportedCommentData(
        key=str(comment.id),
        article=article,
        parent=str(comment.parent) if comment.parent else "",
        name=commenter_name(html_to_line(comment.author)),
        text=text,
        status=status,
        at=at,
        device=device_of_email(comment.email),
        network=hash_network(comment.address) if is_ip_address(comment.address) else "",
        preferred_id=comment.id,
        staff=_staff(comment),
        picked_at=newsite_meta.parse_datetime(comment.meta, newsite_meta.PICKED_AT),
        edited_at=newsite_meta.parse_datetime(comment.meta, newsite_meta.EDITED_AT),
        redacted_at=newsite_meta.parse_datetime(comment.meta, newsite_meta.REDACTED_AT),
    )


def commenter_name(name: str) -> str:
    return clean_name(clean_name(name)[:MAX_NAME_LENGTH]) or _("Anonymous")


def is_too_long(name: str) -> bool:
    """Return whether `commenter_name` cuts this name."""
    return len(clean_name(name)) > MAX_NAME_LENGTH


def _status(comment: WordPressComment) -> Status:
    """Return the status; unknown states become pending, so that a moderator decides."""
    exact = newsite_meta.first_value(comment.meta, newsite_meta.STATUS).upper()
    return Status[exact] if exact in Status.__members__ else STATUSES.get(comment.state, Status.PENDING)


def _staff(comment: WordPressComment) -> User | None:
    """Return the staff member who wrote the comment, if there is a staff user of this name here."""
    username = newsite_meta.first_value(comment.meta, newsite_meta.STAFF)
    return User.objects.filter(username=username, is_staff=True).first() if username else None
