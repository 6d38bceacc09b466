"""A comment loses its words and its author, wherever these stand. Its place, its state and what was decided stay."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.classifier.scores import UNKNOWN_SUSPICION
from comments.models import (
    AkismetRequest,
    BulkItem,
    Claim,
    Comment,
    Decision,
    EarlierText,
    ImportedComment,
    ModerationQueue,
    Note,
    Notification,
    Report,
    Shingle,
)
from comments.statuses import Status

_ANONYMOUS_VALUES: dict[str, Any] = {
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
    "suspicion": UNKNOWN_SUSPICION,
    "cluster": None,
    "is_collapsed": False,
    "redacted_at": None,
}
_DEPENDENT_MODELS: list[type[models.Model]] = [AkismetRequest, EarlierText, Note, Claim, Shingle]
_REMOVABLE_STATUSES = [Status.REJECTED, Status.SPAM, Status.WITHDRAWN]


@transaction.atomic
def anonymize(pk: int) -> None:
    """One that nobody sees and nobody waits for. One at a time: then nobody who locks several waits in a circle."""
    if comment := _lock_removable(pk):
        _anonymize(comment)


@transaction.atomic
def delete_or_anonymize(pk: int) -> None:
    """The same, and its row goes, too, unless there are replies to it."""
    comment = _lock_removable(pk)
    if comment is None:
        return
    if comment.replies.exists():
        if not comment.anonymized_at:
            _anonymize(comment)
        return
    _delete_notifications(comment)
    _anonymize_log_entries(comment)
    comment.delete()


def _lock_removable(pk: int) -> Comment | None:
    """As it is now, unless a moderator has brought it back meanwhile."""
    return Comment.objects.select_for_update().filter(pk=pk, status__in=_REMOVABLE_STATUSES).first()


def _anonymize(comment: Comment) -> None:
    _delete_notifications(comment)
    _anonymize_log_entries(comment)
    for kind in _DEPENDENT_MODELS:
        kind._default_manager.filter(comment=comment).delete()
    for decision in comment.decisions.all():
        said = [{**finding, "detail": "", "matched": []} for finding in decision.findings]
        Decision.objects.filter(pk=decision.pk).update(reason="", author_message="", findings=said)
    ImportedComment.objects.filter(comment=comment).update(source_hash="")  # another import finds that ours stays
    Report.objects.filter(comment=comment).exclude(note="").update(note="")
    BulkItem.objects.filter(comment=comment).exclude(problem="").update(problem=_("It has been anonymized."))
    Comment.objects.filter(pk=comment.pk).update(**_ANONYMOUS_VALUES, anonymized_at=timezone.now())


def _delete_notifications(comment: Comment) -> None:
    about_it = Notification.objects.filter(Q(comment=comment) | Q(decision__in=comment.decisions.values("pk")))
    Notification.objects.filter(pk__in=about_it.locked()).delete()


def _anonymize_log_entries(comment: Comment) -> None:
    """Its words stand in entries about what was done to it or to the questions about it."""
    requests = list(comment.akismet_requests.values_list("pk", flat=True))
    anonymize_log({Comment: [comment.pk], ModerationQueue: [comment.pk], AkismetRequest: requests})


def anonymize_log(rows: dict[type[models.Model], list[int]]) -> None:
    """In Django's log of changes remains that something was done to these rows, when and by whom, not what they say."""
    kinds = ContentType.objects.get_for_models(*rows, for_concrete_models=False)
    for model, pks in rows.items():
        entries = LogEntry.objects.filter(content_type=kinds[model], object_id__in=[str(pk) for pk in pks])
        entries.update(object_repr=_("anonymised"), change_message="")
