"""Delivery of Akismet requests by the worker, at least once each, and the effect of the answers.

Requests to Akismet run outside any transaction. The comment stays pending whatever error occurs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
import logging

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.akismet import client
from comments.akismet.client import AkismetError, AkismetUnavailable
from comments.akismet.encryption import DecryptionError, decrypt
from comments.db.compiled_query import run_pipelined
from comments.identity import Reader
from comments.models import AkismetRequest, Comment, Conversation
from comments.models.akismet import (
    ENCRYPTED_DATA_RETENTION,
    LEASE_DURATION,
    MAX_ATTEMPTS,
    MAX_ERROR_LENGTH,
    REQUEST_RETENTION,
    RETRY_DELAYS,
)
from comments.moderation.decide import decide
from comments.rules import engine
from comments.rules.engine import Finding
from comments.rules.facts import Facts, Outcome
from comments.statuses import Cause, Status
from comments.submission.collect_facts import FactCollector, SubmittedComment

_BATCH_SIZE = 5  # small, so that other background jobs are not delayed
_GIVE_UP_BATCH_SIZE = 200
# Akismet requires an address. The reader's has been deleted by then; this one is reserved for examples (RFC 5737).
_PLACEHOLDER_ADDRESS = "192.0.2.1"

RequestKind, RequestState = AkismetRequest.Kind, AkismetRequest.State

logger = logging.getLogger(__name__)


def run_due(*, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send a batch of due requests, checks before corrections, and return how many were sent.

    Raise AkismetUnavailable after the failure has been stored: the caller should pause before the next request.
    """
    is_correction = Case(When(kind=RequestKind.CHECK, then=0), default=1)  # comments wait for checks
    due = AkismetRequest.objects.due(timezone.now()).order_by(is_correction, "due_at", "pk")
    further_queries = 0
    for pk in list(due.values_list("pk", flat=True)[:_BATCH_SIZE]):
        if is_stopping():
            break
        run_request(pk)
        further_queries += 1
    return further_queries


def run_request(pk: int) -> None:
    """Send the request if it is due and no other worker has a lease on it.

    Raise AkismetUnavailable after the failure has been stored.
    """
    request = _lease_request(pk)
    if request is None:
        return
    if request.attempts > MAX_ATTEMPTS:  # every worker that leased it was killed
        _give_up(request, _("The worker stopped during every attempt"))
        return
    try:
        _store_answer(request, _send(request))
    except AkismetUnavailable as error:
        _postpone(request, str(error))
        raise
    except AkismetError as error:  # concerns this request only
        _postpone(request, str(error))
    except DecryptionError:
        _give_up(request, _("The reader’s address is unreadable: SECRET_KEY has changed"))
    except (DatabaseError, InterfaceError):  # not the request's fault: retried when the lease expires
        raise
    except Exception as error:  # store the error and continue with other requests
        logger.exception("The Akismet check of comment %s failed.", request.comment_id)
        _postpone(request, type(error).__name__)


def _lease_request(pk: int) -> AkismetRequest | None:
    """Take a lease on the request. Return None if it is not due."""
    now = timezone.now()
    due = AkismetRequest.objects.due(now).filter(pk=pk)
    expires_at = due.take_lease(now, LEASE_DURATION, state=RequestState.IN_PROGRESS, attempts=F("attempts") + 1)
    if expires_at is None:
        return None
    mine = AkismetRequest.objects.filter(pk=pk, state=RequestState.IN_PROGRESS).leased_until(expires_at)
    return mine.select_related("comment__article").first()


def _send(request: AkismetRequest) -> AkismetRequest.Answer | None:
    fields = _fields(request.comment)
    if request.kind != RequestKind.CHECK:
        client.submit_correction(request.kind, fields | {"user_ip": _PLACEHOLDER_ADDRESS})
        return None
    secret = decrypt(request.encrypted_data)
    fields |= {"user_ip": secret["address"], "user_agent": secret["user_agent"]}
    if secret["honeypot"]:
        fields |= {"honeypot_field_name": "website", "website": secret["honeypot"]}
    return client.check_comment(fields)


def _fields(comment: Comment) -> dict[str, str]:
    """Return all fields that are sent about a comment, except the encrypted ones."""
    fields = {
        "permalink": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
        "comment_type": "reply" if comment.parent_id else "comment",
        "comment_author": comment.name,
        "comment_content": comment.text,
        "comment_date_gmt": comment.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "blog_lang": settings.LANGUAGE_CODE.replace("-", "_"),
        "blog_charset": "UTF-8",
    }
    if comment.edited_at:
        fields["recheck_reason"] = "edit"
    if settings.AKISMET_TEST:
        fields["is_test"] = "1"
    return fields


def _store_answer(request: AkismetRequest, answer: AkismetRequest.Answer | None) -> None:
    with transaction.atomic():
        comment = _lock(request)
        over = {
            "state": RequestState.DONE,
            "answer": answer or "",
            "encrypted_data": "",
            "last_error": "",
            "finished_at": timezone.now(),
        }
        if _finish(request, **over) and answer and comment and comment.status == Status.PENDING:
            _apply_answer(answer, comment, is_only_hold=request.is_only_hold)


def _apply_answer(answer: AkismetRequest.Answer, comment: Comment, *, is_only_hold: bool) -> None:
    """Decide about a pending comment according to Akismet's answer.

    The answer ham changes nothing if another rule holds the comment: a decision would only disturb a moderator who is
    reviewing it. The queue shows the answer anyway.
    """
    if answer == AkismetRequest.Answer.HAM and not is_only_hold:
        return
    findings = [akismet_has_answered(answer)]
    now = Status.PENDING
    if answer != AkismetRequest.Answer.HAM:
        now = Status.SPAM
    else:
        against = [finding for finding in _rerun_rules(comment) if finding.outcome > Outcome.PUBLISH]
        findings += against
        now = Status.PENDING if against or not _can_be_published(comment) else Status.APPROVED
    decide(comment, now, actor=None, cause=Cause.AKISMET, findings=findings)


def _rerun_rules(comment: Comment) -> list[Finding]:
    """Run the rules again: blocks, the word list or the conversation may have changed since submission.

    The speed of typing and the waiting time of the device were checked at submission and are ignored here.
    """
    draft = SubmittedComment(text=comment.text, name=comment.name, parent=comment.parent)
    reader = Reader(device=comment.device, network=comment.network)
    collector = FactCollector(comment.article_id, draft, reader, edited=comment)
    facts = collector.facts(run_pipelined(collector.queries()))
    at_ease = replace(
        facts, seconds_since_rendered=Facts.seconds_since_rendered, device=replace(facts.device, wait_seconds=0)
    )
    return engine.run_rules(at_ease)


def _can_be_published(comment: Comment) -> bool:
    return comment.article.is_public() and (comment.parent is None or comment.parent.is_public())


def akismet_has_answered(answer: AkismetRequest.Answer) -> Finding:
    rule = f"{__name__}.akismet_has_answered"
    outcome = Outcome.PUBLISH if answer == AkismetRequest.Answer.HAM else Outcome.SPAM
    return Finding(rule=rule, outcome=outcome, detail=_("Akismet: %s") % answer.label)


def akismet_cannot_be_asked(why: str) -> Finding:
    rule = f"{__name__}.akismet_cannot_be_asked"
    return Finding(rule=rule, outcome=Outcome.HOLD, detail=_("Akismet check failed: %s") % why)


def _postpone(request: AkismetRequest, why: str) -> None:
    logger.warning("Akismet check failed (attempt %s of %s): %s", request.attempts, MAX_ATTEMPTS, why)
    if request.attempts > len(RETRY_DELAYS):
        _give_up(request, why)
        return
    due_at = timezone.now() + RETRY_DELAYS[request.attempts - 1]
    _finish(request, state=RequestState.PENDING, due_at=due_at, last_error=why[:MAX_ERROR_LENGTH])


def _give_up(request: AkismetRequest, why: str) -> None:
    """Mark the request as failed, and leave the comment to a moderator with the reason."""
    with transaction.atomic():
        comment = _lock(request)
        is_ours = _finish(
            request, state=RequestState.FAILED, last_error=why[:MAX_ERROR_LENGTH], finished_at=timezone.now()
        )
        if is_ours and request.kind == RequestKind.CHECK and comment and comment.status == Status.PENDING:
            decide(comment, Status.PENDING, actor=None, cause=Cause.AKISMET, findings=[akismet_cannot_be_asked(why)])


def _lock(request: AkismetRequest) -> Comment | None:
    """Lock the conversation and the comment before the request is updated, in the lock order of decisions."""
    Conversation.lock(request.comment.article_id)
    comments = Comment.objects.select_related("article", "parent").select_for_update(of=["self"], no_key=True)
    return comments.filter(pk=request.comment_id).first()


def _finish(request: AkismetRequest, **changes: object) -> bool:
    """Update the request unless it changed meanwhile, and return whether it was updated.

    A moderator may have decided, or the lease may have expired.
    """
    same = AkismetRequest.objects.filter(pk=request.pk, state=request.state)
    return bool(same.end_lease(request.lease_expires_at, **changes))


def purge_encrypted_data() -> None:
    """Delete the encrypted data of unanswered checks after ENCRYPTED_DATA_RETENTION, and old requests.

    If Akismet is switched off, delete all encrypted data.
    """
    now = timezone.now()
    checks = AkismetRequest.objects.filter(kind=RequestKind.CHECK).select_related("comment").order_by("pk")
    left = checks.open().unleased(now)
    if settings.AKISMET_KEY:
        left, why = left.filter(created_at__lt=now - ENCRYPTED_DATA_RETENTION), _("No answer for days")
    else:
        why = _("Switched off")
    for request in list(left[:_GIVE_UP_BATCH_SIZE]):
        _give_up(request, why)
    _purge_failed(now)
    over = AkismetRequest.objects.filter(state__in=[RequestState.DONE, RequestState.FAILED, RequestState.CANCELLED])
    over.filter(due_at__lt=now - REQUEST_RETENTION).delete()


def _purge_failed(now: datetime) -> None:
    failed = AkismetRequest.objects.filter(state=RequestState.FAILED).exclude(encrypted_data="")
    if settings.AKISMET_KEY:
        failed = failed.filter(created_at__lt=now - ENCRYPTED_DATA_RETENTION)
    failed.update(encrypted_data="")
