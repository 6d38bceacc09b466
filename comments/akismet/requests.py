"""Which comments Akismet is asked about, and what a decision means for that. Nothing is sent from here: see answering.

Only readers whom nobody has trusted yet are asked about, and only while their comment is neither refused nor put away.
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
from comments.rules import builtin
from comments.rules.builtin import Finding
from comments.rules.facts import Facts, Outcome
from comments.statuses import Cause, Status

CORRECTION_DELAY = timedelta(minutes=10)  # time for a moderator to undo it
MAX_SENT_LENGTH = 500  # characters of a User-Agent, or of what was typed into the hidden field

RequestKind, RequestState = AkismetRequest.Kind, AkismetRequest.State


def akismet_is_asked_first(facts: Facts, findings: Iterable[Finding]) -> list[Finding]:
    """One more finding if Akismet is to be asked: until then the comment waits. `findings` are those of the rules."""
    if not settings.AKISMET_KEY or facts.is_staff or builtin.most_severe(findings) > Outcome.HOLD or _is_trusted(facts):
        return []
    return [Finding(rule=AKISMET_FIRST_RULE, outcome=Outcome.HOLD, detail=_("Waiting for Akismet"))]


def _is_trusted(facts: Facts) -> bool:
    """By somebody, not only by a COMMENT_TRUSTED_AFTER of 0."""
    return facts.device.approved_before > 0 and builtin.device_is_not_trusted(facts) is None


def enqueue_check(
    comment: Comment, findings: Sequence[Finding], reader: Reader, *, honeypot: str = "", may_publish: bool = True
) -> None:
    """If the findings say so. In the transaction that stored these words; the worker finds the question by itself."""
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
        is_only_hold=may_publish and builtin.most_severe(others) == Outcome.PUBLISH,
    )


def retry_request(request: AkismetRequest) -> bool:
    """From the first attempt on, if it has failed and we still have what to ask with."""
    failed = AkismetRequest.objects.filter(pk=request.pk, state=RequestState.FAILED)
    askable = failed.exclude(kind=RequestKind.CHECK, encrypted_data="")
    return bool(askable.update(state=RequestState.PENDING, attempts=0, due_at=timezone.now(), finished_at=None))


def is_held_for_akismet_only(comment: Comment) -> bool:
    return comment.akismet_requests.open().filter(kind=RequestKind.CHECK, is_only_hold=True).exists()


def cancel_or_correct(decision: Decision) -> None:
    """In the transaction of the decision: its question is over, and where a person contradicts Akismet's answer, a
    correction follows when there was time to undo it.
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
    """What Akismet has to be told now, if it believes something else of the words as they are."""
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
    """By Akismet or to it. A correction that is on its way will arrive."""
    return request.state == RequestState.DONE or (
        request.state == RequestState.IN_PROGRESS and request.kind != RequestKind.CHECK
    )


def _is_superseded(request: AkismetRequest, correction: AkismetRequest.Kind | None) -> bool:
    if request.kind == RequestKind.CHECK:
        return request.state in {RequestState.PENDING, RequestState.IN_PROGRESS, RequestState.FAILED}
    return request.state == RequestState.PENDING and request.kind != correction
