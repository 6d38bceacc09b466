"""Creation, correction and cancellation of Akismet requests. The worker module sends them.

Akismet is asked only about readers who are not trusted yet, and only about comments that are not refused, rejected or
spam.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.akismet.encryption import encrypt
from comments.identity import Reader
from comments.models import AkismetRequest, Comment, Decision
from comments.models.akismet import AKISMET_FIRST_RULE
from comments.rules import builtin, engine
from comments.rules.engine import Finding
from comments.rules.facts import Facts, Outcome
from comments.statuses import Cause, Status

CORRECTION_DELAY = timedelta(minutes=10)  # time for a moderator to undo the decision
MAX_SENT_LENGTH = 500  # characters of a User-Agent header or of the honeypot field

RequestKind, RequestState = AkismetRequest.Kind, AkismetRequest.State


def akismet_is_asked_first(facts: Facts, findings: Iterable[Finding]) -> list[Finding]:
    """Return a finding that holds the comment if Akismet is to be asked.

    `findings` are those of the other rules.
    """
    if not settings.AKISMET_KEY or facts.is_staff or engine.most_severe(findings) > Outcome.HOLD or _is_trusted(facts):
        return []
    return [Finding(rule=AKISMET_FIRST_RULE, outcome=Outcome.HOLD, detail=_("Waiting for Akismet"))]


def _is_trusted(facts: Facts) -> bool:
    """Return whether the device has enough approved comments.

    A COMMENT_TRUST_AFTER_APPROVALS of 0 alone does not make it trusted.
    """
    return facts.device.approved_before > 0 and builtin.device_is_not_trusted(facts) is None


def enqueue_check(
    comment: Comment, findings: Sequence[Finding], reader: Reader, *, honeypot: str = "", may_publish: bool = True
) -> None:
    """Store a request for Akismet if the findings ask for one.

    Call this in the transaction that stores the text. The worker finds the request by itself.
    """
    others = [finding for finding in findings if finding.rule != AKISMET_FIRST_RULE]
    if len(others) == len(findings):
        return
    sent_with_it = {
        "address": reader.address,
        "user_agent": reader.user_agent[:MAX_SENT_LENGTH],
        "honeypot": honeypot[:MAX_SENT_LENGTH],
    }
    AkismetRequest.objects.create(
        comment=comment,
        encrypted_data=encrypt(sent_with_it),
        is_only_hold=may_publish and engine.most_severe(others) == Outcome.PUBLISH,
    )


def retry_request(request: AkismetRequest) -> bool:
    """Restart a failed request with its first attempt. Return False if its encrypted data has been deleted."""
    failed = AkismetRequest.objects.filter(pk=request.pk, state=RequestState.FAILED)
    askable = failed.exclude(kind=RequestKind.CHECK, encrypted_data="")
    return bool(askable.update(state=RequestState.PENDING, attempts=0, due_at=timezone.now(), finished_at=None))


def is_held_for_akismet_only(comment: Comment) -> bool:
    return comment.akismet_requests.open().filter(kind=RequestKind.CHECK, is_only_hold=True).exists()


def cancel_or_correct(decision: Decision) -> None:
    """Cancel the requests that a decision supersedes, and enqueue a correction if it contradicts Akismet.

    Call this in the transaction of the decision. Only decisions by people are reported to Akismet. The correction is
    delayed, so that the decision can be undone.
    """
    if not settings.AKISMET_KEY or decision.cause in {Cause.SUBMITTED, Cause.AKISMET, Cause.IMPORTED}:
        return
    requests = list(decision.comment.akismet_requests.order_by("pk"))
    correction = _correction(decision, requests)
    over = [each.pk for each in requests if _is_superseded(each, correction)]
    if over:
        AkismetRequest.objects.filter(pk__in=over).update(
            state=RequestState.CANCELLED, encrypted_data="", lease_expires_at=None
        )
    is_queued = any(each.kind == correction and each.state == RequestState.PENDING for each in requests)
    if correction and decision.actor and not is_queued:
        AkismetRequest.objects.create(
            comment=decision.comment, kind=correction, due_at=timezone.now() + CORRECTION_DELAY
        )


def _correction(decision: Decision, requests: Iterable[AkismetRequest]) -> AkismetRequest.Kind | None:
    """Return the correction to send if Akismet's latest answer on the current text contradicts the decision."""
    edited_at = decision.comment.edited_at
    said = [
        each for each in requests if _is_known_to_akismet(each) and (edited_at is None or each.created_at >= edited_at)
    ]
    if not said:
        return None
    if decision.to_status == Status.SPAM and not said[-1].is_considered_spam():
        return RequestKind.SPAM
    if decision.to_status == Status.APPROVED and said[-1].is_considered_spam():
        return RequestKind.HAM
    return None


def _is_known_to_akismet(request: AkismetRequest) -> bool:
    """Return whether Akismet answered the request or received the correction.

    A correction in progress counts as received.
    """
    return request.state == RequestState.DONE or (
        request.state == RequestState.IN_PROGRESS and request.kind != RequestKind.CHECK
    )


def _is_superseded(request: AkismetRequest, correction: AkismetRequest.Kind | None) -> bool:
    if request.kind == RequestKind.CHECK:
        return request.state in {RequestState.PENDING, RequestState.IN_PROGRESS, RequestState.FAILED}
    return request.state == RequestState.PENDING and request.kind != correction
