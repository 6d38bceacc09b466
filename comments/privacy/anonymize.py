"""A comment loses its words and its author, wherever these stand. Its place, its state and what was decided stay."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.classifier.scores import UNKNOWN
from comments.models import (
    AkismetRequest,
    BulkItem,
    Claim,
    Comment,
    Decision,
    Desk,
    EarlierText,
    ImportedComment,
    Letter,
    Note,
    Report,
    Trace,
)
from comments.statuses import Status

_NOTHING: dict[str, Any] = {
    "name": "",
    "text": "",
    "name_key": "",
    "text_hash": "",
    "device": "",
    "network": "",
    "submission_key": None,
    "staff": None,
    "spam_score": None,
    "rejected_score": None,
    "suspicion": UNKNOWN,
    "raid": None,
    "is_folded": False,
    "redacted_at": None,
}
_ABOUT_ITS_WORDS: list[type[models.Model]] = [AkismetRequest, EarlierText, Note, Claim, Trace]
_OF_NO_USE = [Status.REJECTED, Status.SPAM, Status.WITHDRAWN]


@transaction.atomic
def empty(pk: int) -> None:
    """One that nobody sees and nobody waits for. One at a time: then nobody who locks several waits in a circle."""
    if comment := _locked(pk):
        _take_the_words_out(comment)


@transaction.atomic
def delete(pk: int) -> None:
    """The same, and its row goes, too, unless there are replies to it."""
    comment = _locked(pk)
    if comment is None:
        return
    if comment.replies.exists():
        if not comment.forgotten_at:
            _take_the_words_out(comment)
        return
    _forget_letters(comment)
    _forget_in_the_log(comment)
    comment.delete()


def _locked(pk: int) -> Comment | None:
    """As it is now, unless a moderator has brought it back meanwhile."""
    return Comment.objects.select_for_update().filter(pk=pk, status__in=_OF_NO_USE).first()


def _take_the_words_out(comment: Comment) -> None:
    _forget_letters(comment)
    _forget_in_the_log(comment)
    for kind in _ABOUT_ITS_WORDS:
        kind._default_manager.filter(comment=comment).delete()
    for decision in comment.decisions.all():
        said = [{**finding, "detail": "", "matched": []} for finding in decision.findings]
        Decision.objects.filter(pk=decision.pk).update(reason="", told="", findings=said)
    ImportedComment.objects.filter(comment=comment).update(theirs="")  # another import finds that ours stays
    Report.objects.filter(comment=comment).exclude(note="").update(note="")
    BulkItem.objects.filter(comment=comment).exclude(problem="").update(problem=_("It has been anonymized."))
    Comment.objects.filter(pk=comment.pk).update(**_NOTHING, forgotten_at=timezone.now())


def _forget_letters(comment: Comment) -> None:
    about_it = Letter.objects.filter(Q(comment=comment) | Q(decision__in=comment.decisions.values("pk")))
    Letter.objects.filter(pk__in=about_it.locked()).delete()


def _forget_in_the_log(comment: Comment) -> None:
    """Its words stand in entries about what was done to it or to the questions about it."""
    requests = list(comment.akismet_requests.values_list("pk", flat=True))
    forget_log({Comment: [comment.pk], Desk: [comment.pk], AkismetRequest: requests})


def forget_log(rows: dict[type[models.Model], list[int]]) -> None:
    """In Django's log of changes remains that something was done to these rows, when and by whom, not what they say."""
    kinds = ContentType.objects.get_for_models(*rows, for_concrete_models=False)
    for model, pks in rows.items():
        entries = LogEntry.objects.filter(content_type=kinds[model], object_id__in=[str(pk) for pk in pks])
        entries.update(object_repr=_("anonymised"), change_message="")
