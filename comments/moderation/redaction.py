"""Redaction: a moderator removes a name or a telephone number from a comment; text can only be removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
import re
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import BulkItem, Comment, Conversation, Decision, EarlierText
from comments.moderation.decide import InvalidTransition, decide
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

GAP_MARK = "[…]"
_PIECE = re.compile(r"\w+|\s|.", re.DOTALL)
_GAPS = re.compile(rf"{re.escape(GAP_MARK)}(?:\s*{re.escape(GAP_MARK)})+")


class InvalidRedaction(Exception):
    """Invalid redaction, which changed nothing; the message is for the moderator."""


def redact(comment: Comment, text: str, *, actor: User) -> None:
    """Reduce the comment to `text`, with GAP_MARK where something is missing.

    The original is kept for users who may see it. Raise InvalidRedaction for a change that does more than remove
    text, and InvalidTransition if the comment has changed since the caller read it.
    """
    _replace_text(comment, redacted_text(comment.text, text), actor=actor, reason=_("text redacted"))


def restore_previous_text(comment: Comment, *, actor: User) -> None:
    """Undo the latest redaction or restoration; raise InvalidTransition if that is not allowed."""
    latest = comment.earlier_texts.filter(actor__isnull=False).last()
    if latest is None or not (latest.actor_id == actor.pk or actor.has_perm("comments.view_original")):
        raise InvalidTransition(_("You don’t have permission to restore the original."))
    _replace_text(comment, latest.text, actor=actor, reason=_("earlier text restored"))


def restore_original(comment: Comment, *, actor: User) -> None:
    """Restore the author's own text, whatever was decided since; raise InvalidTransition if that is not allowed."""
    first = _redactions_since_edit(comment).first()
    if first is None or not comment.redacted_at:
        raise InvalidTransition(_("Nothing has been redacted."))
    if not actor.has_perm("comments.view_original"):
        raise InvalidTransition(_("You don’t have permission to restore the original."))
    _replace_text(comment, first.text, actor=actor, reason=_("earlier text restored"))


def hide_redacted_findings(decisions: Iterable[Decision], comment: Comment, user: User | AnonymousUser) -> None:
    """Hide redacted text in the findings of decisions from a user without permission; call it before they are shown.

    The decisions are not saved.
    """
    if not comment.redacted_at or user.has_perm("comments.view_original"):
        return
    said = f"{comment.name}\n{comment.text}".casefold()
    for decision in decisions:
        for finding in decision.findings:
            if not all(word.casefold() in said for word in finding.get("matched", [])):
                finding |= {"detail": _("About redacted text"), "matched": []}


@transaction.atomic
def _replace_text(comment: Comment, text: str, *, actor: User, reason: str) -> None:
    earlier = EarlierText(comment=comment, text=comment.text, actor=actor)
    first = _redactions_since_edit(comment).first()
    at = None if first and first.text == text else timezone.now()
    decide(comment, Status(comment.status), actor=actor, cause=Cause.REDACTED, reason=reason, text=text, redacted_at=at)
    earlier.save()
    quoting_it = BulkItem.objects.skipped().filter(comment=comment)
    quoting_it.update(problem=_("It has been redacted since."))
    if comment.is_public():
        Conversation.objects.filter(article_id=comment.article_id).update(version=F("version") + 1)


def _redactions_since_edit(comment: Comment) -> QuerySet[EarlierText]:
    """Return the texts that redactions replaced; the first one is the author's own text."""
    return comment.earlier_texts.filter(actor__isnull=False, until__gt=comment.edited_at or comment.created_at)


def redacted_text(original: str, text: str) -> str:
    """Return the original with GAP_MARK for each passage that is missing in `text`.

    Raise InvalidRedaction for any other change.
    """
    if not text.replace(GAP_MARK, "").strip():
        raise InvalidRedaction(_("That would remove everything. Reject it instead."))
    pieces, kept = _PIECE.findall(original), _PIECE.findall(text.replace(GAP_MARK, ""))
    end = _common_prefix_length(reversed(pieces), reversed(kept))  # so that one missing passage leaves one gap
    whole = [*_with_gaps(pieces[: len(pieces) - end], kept[: len(kept) - end]), *pieces[len(pieces) - end :]]
    short = _GAPS.sub(GAP_MARK, "".join(whole))
    if short == original:
        raise InvalidRedaction(_("You haven’t removed anything."))
    return short


def _common_prefix_length(one: Iterable[str], other: Iterable[str]) -> int:
    """Return the number of equal pieces at the start of both."""
    return sum(1 for _both in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _with_gaps(pieces: list[str], kept: list[str]) -> Iterator[str]:
    """Yield the kept pieces and the gaps in the order of the original."""
    place = 0
    for piece in kept:
        start = place
        while place < len(pieces) and pieces[place] != piece:
            place += 1
        if place == len(pieces):
            if piece.isspace():  # whitespace that is left over around removed text
                place = start
                continue
            raise InvalidRedaction(_("“%s” isn’t in the original. You can only remove words.") % piece)
        yield _gap("".join(pieces[start:place]))
        yield piece
        place += 1
    yield _gap("".join(pieces[place:]))


def _gap(missing: str) -> str:
    """Return the mark for a missing passage; missing whitespace has no mark."""
    blanks = missing.isspace() or not missing
    before = missing[: len(missing) - len(missing.lstrip())]
    after = missing[len(missing.rstrip()) :]
    return "" if blanks else f"{before}{GAP_MARK}{after}"
