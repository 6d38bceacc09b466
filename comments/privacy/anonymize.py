"""Anonymization: remove the text and the author of a comment wherever they are stored.

Position, status and decisions remain.
"""

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
    Moderation,
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
    """Anonymize a comment that is neither public nor pending.

    One comment in each transaction, so that it cannot deadlock with a transaction that locks several.
    """
    if comment := _lock_removable(pk):
        _anonymize(comment)


@transaction.atomic
def delete_or_anonymize(pk: int) -> None:
    """Delete the comment, or anonymize it if it has replies."""
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
    """Lock and return the comment, or None if a moderator has restored it meanwhile."""
    return Comment.objects.select_for_update().filter(pk=pk, status__in=_REMOVABLE_STATUSES).first()


def _anonymize(comment: Comment) -> None:
    _delete_notifications(comment)
    _anonymize_log_entries(comment)
    for kind in _DEPENDENT_MODELS:
        kind._default_manager.filter(comment=comment).delete()
    for decision in comment.decisions.all():
        said = [{**finding, "detail": "", "matched": []} for finding in decision.findings]
        Decision.objects.filter(pk=decision.pk).update(reason="", author_message="", findings=said)
    ImportedComment.objects.filter(comment=comment).update(source_hash="")  # makes another import keep our version
    Report.objects.filter(comment=comment).exclude(note="").update(note="")
    BulkItem.objects.filter(comment=comment).exclude(problem="").update(problem=_("It has been anonymized."))
    Comment.objects.filter(pk=comment.pk).update(**_ANONYMOUS_VALUES, anonymized_at=timezone.now())


def _delete_notifications(comment: Comment) -> None:
    about_it = Notification.objects.filter(Q(comment=comment) | Q(decision__in=comment.decisions.values("pk")))
    Notification.objects.filter(pk__in=about_it.locked()).delete()


def _anonymize_log_entries(comment: Comment) -> None:
    """Anonymize the log entries about the comment and its Akismet requests: they quote its text."""
    requests = list(comment.akismet_requests.values_list("pk", flat=True))
    anonymize_log({Comment: [comment.pk], Moderation: [comment.pk], AkismetRequest: requests})


def anonymize_log(rows: dict[type[models.Model], list[int]]) -> None:
    """Remove the content of these rows from Django's admin log. Action, time and user remain."""
    kinds = ContentType.objects.get_for_models(*rows, for_concrete_models=False)
    for model, pks in rows.items():
        entries = LogEntry.objects.filter(content_type=kinds[model], object_id__in=[str(pk) for pk in pks])
        entries.update(object_repr=_("anonymized"), change_message="")
