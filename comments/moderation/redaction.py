"""The newsroom takes something out of a comment: a name, a telephone number. Words are only ever taken away."""

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
from comments.moderation.decide import WrongMove, decide
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

GAP = "[…]"
_PIECE = re.compile(r"\w+|\s|.", re.DOTALL)
_GAPS = re.compile(rf"{re.escape(GAP)}(?:\s*{re.escape(GAP)})+")


class NotTheirWords(Exception):
    """Nothing is changed. Speaks to the moderator."""


def redact(comment: Comment, text: str, *, by: User) -> None:
    """Leaves of the comment what `text` leaves of it, with GAP where something is missing.

    What it said is kept, for those who may see originals. Raises NotTheirWords, and WrongMove when `comment`, as
    the caller knows it, has changed since.
    """
    _give(comment, shortened(comment.text, text), by=by, reason=_("text redacted"))


def restore(comment: Comment, *, by: User) -> None:
    """Takes the latest redaction back, or a restoration: earlier text restored. Raises WrongMove."""
    latest = comment.earlier_texts.filter(by__isnull=False).last()
    if latest is None or not (latest.by_id == by.pk or by.has_perm("comments.view_original")):
        raise WrongMove(_("You don’t have permission to restore the original."))
    _give(comment, latest.text, by=by, reason=_("earlier text restored"))


def bring_back(comment: Comment, *, by: User) -> None:
    """All that its author said, whatever was decided since. Raises WrongMove."""
    first = _since_edit(comment).first()
    if first is None or not comment.redacted_at:
        raise WrongMove(_("Nothing has been redacted."))
    if not by.has_perm("comments.view_original"):
        raise WrongMove(_("You don’t have permission to restore the original."))
    _give(comment, first.text, by=by, reason=_("earlier text restored"))


def veil(decisions: Iterable[Decision], comment: Comment, user: User | AnonymousUser) -> None:
    """Before they are shown: their findings, unsaved, quote nothing that was taken out to who may not see it."""
    if not comment.redacted_at or user.has_perm("comments.view_original"):
        return
    said = f"{comment.name}\n{comment.text}".casefold()
    for decision in decisions:
        for finding in decision.findings:
            if not all(word.casefold() in said for word in finding.get("matched", [])):
                finding |= {"detail": _("About redacted text"), "matched": []}


@transaction.atomic
def _give(comment: Comment, text: str, *, by: User, reason: str) -> None:
    earlier = EarlierText(comment=comment, text=comment.text, by=by)
    first = _since_edit(comment).first()
    at = None if first and first.text == text else timezone.now()
    decide(comment, Status(comment.status), by=by, cause=Cause.REDACTED, reason=reason, text=text, redacted_at=at)
    earlier.save()
    quoting_it = BulkItem.objects.skipped().filter(comment=comment)
    quoting_it.update(problem=_("It has been redacted since."))
    if comment.is_public():
        Conversation.objects.filter(article_id=comment.article_id).update(version=F("version") + 1)


def _since_edit(comment: Comment) -> QuerySet[EarlierText]:
    """What the newsroom has changed; the first holds the author's own words."""
    return comment.earlier_texts.filter(by__isnull=False, until__gt=comment.edited_at or comment.created_at)


def shortened(original: str, text: str) -> str:
    """The original with a GAP for each passage that is missing in `text`. Raises NotTheirWords for any other change."""
    if not text.replace(GAP, "").strip():
        raise NotTheirWords(_("That would remove everything. Reject it instead."))
    pieces, kept = _PIECE.findall(original), _PIECE.findall(text.replace(GAP, ""))
    end = _common(reversed(pieces), reversed(kept))  # so that one missing passage leaves one gap
    whole = [*_with_gaps(pieces[: len(pieces) - end], kept[: len(kept) - end]), *pieces[len(pieces) - end :]]
    short = _GAPS.sub(GAP, "".join(whole))
    if short == original:
        raise NotTheirWords(_("You haven’t removed anything."))
    return short


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    """How many pieces they begin with alike."""
    return sum(1 for _both in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _with_gaps(pieces: list[str], kept: list[str]) -> Iterator[str]:
    """What is kept, piece by piece, in the original's order."""
    place = 0
    for piece in kept:
        start = place
        while place < len(pieces) and pieces[place] != piece:
            place += 1
        if place == len(pieces):
            if piece.isspace():  # blanks that were left over where text redacted
                place = start
                continue
            raise NotTheirWords(_("“%s” isn’t in the original. You can only remove words.") % piece)
        yield _gap("".join(pieces[start:place]))
        yield piece
        place += 1
    yield _gap("".join(pieces[place:]))


def _gap(missing: str) -> str:
    """Nothing but blanks leave no mark."""
    blanks = missing.isspace() or not missing
    before = missing[: len(missing) - len(missing.lstrip())]
    after = missing[len(missing.rstrip()) :]
    return "" if blanks else f"{before}{GAP}{after}"
