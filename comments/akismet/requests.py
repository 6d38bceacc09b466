"""Which comments Akismet is asked about, and what a decision means for that. Nothing is sent from here: see answering.

Only readers whom nobody has trusted yet are asked about, and only while their comment is neither refused nor put away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.akismet.encryption import seal
from comments.identity import Reader
from comments.models import AkismetRequest, Comment, Decision
from comments.models.akismet import IS_ASKED_FIRST
from comments.rules import builtin
from comments.rules.builtin import Finding
from comments.rules.facts import Facts, Outcome
from comments.statuses import Cause, Status

AFTER_A_DECISION = timedelta(minutes=10)  # time for a moderator to undo it
LONGEST = 500  # characters of a User-Agent, or of what was typed into the hidden field

Kind, State = AkismetRequest.Kind, AkismetRequest.State


def akismet_is_asked_first(facts: Facts, findings: Iterable[Finding]) -> list[Finding]:
    """One more finding if Akismet is to be asked: until then the comment waits. `findings` are those of the rules."""
    if not settings.AKISMET_KEY or facts.is_staff or builtin.verdict(findings) > Outcome.HOLD or _is_trusted(facts):
        return []
    return [Finding(rule=IS_ASKED_FIRST, outcome=Outcome.HOLD, detail=_("Waiting for Akismet"))]


def _is_trusted(facts: Facts) -> bool:
    """By somebody, not only by a COMMENT_TRUSTED_AFTER of 0."""
    return facts.device.approved_before > 0 and builtin.device_is_not_trusted(facts) is None


def ask_about(
    comment: Comment, findings: Sequence[Finding], reader: Reader, *, honeypot: str = "", may_publish: bool = True
) -> None:
    """If the findings say so. In the transaction that stored these words; the worker finds the question by itself."""
    others = [finding for finding in findings if finding.rule != IS_ASKED_FIRST]
    if len(others) == len(findings):
        return
    sent_with_it = {"address": reader.address, "browser": reader.browser[:LONGEST], "honeypot": honeypot[:LONGEST]}
    AkismetRequest.objects.create(
        comment=comment,
        sealed=seal(sent_with_it),
        is_alone=may_publish and builtin.verdict(others) == Outcome.PUBLISH,
    )


def ask_again(request: AkismetRequest) -> bool:
    """From the first attempt on, if it has failed and we still have what to ask with."""
    failed = AkismetRequest.objects.filter(pk=request.pk, state=State.FAILED)
    askable = failed.exclude(kind=Kind.CHECK, sealed="")
    return bool(askable.update(state=State.WAITING, attempts=0, due_at=timezone.now(), done_at=None))


def waits_for_akismet_alone(comment: Comment) -> bool:
    return comment.akismet_requests.open().filter(kind=Kind.CHECK, is_alone=True).exists()


def heed(decision: Decision) -> None:
    """In the transaction of the decision: its question is over, and where a person contradicts Akismet's answer, a
    correction follows when there was time to undo it.
    """
    if not settings.AKISMET_KEY or decision.cause in {Cause.SUBMITTED, Cause.AKISMET, Cause.IMPORTED}:
        return
    requests = list(decision.comment.akismet_requests.order_by("pk"))
    correction = _correction(decision, requests)
    over = [each.pk for each in requests if _is_over(each, correction)]
    if over:
        AkismetRequest.objects.filter(pk__in=over).update(state=State.CANCELLED, sealed="", lease_until=None)
    is_queued = any(each.kind == correction and each.state == State.WAITING for each in requests)
    if correction and decision.by and not is_queued:
        AkismetRequest.objects.create(
            comment=decision.comment, kind=correction, due_at=timezone.now() + AFTER_A_DECISION
        )


def _correction(decision: Decision, requests: Iterable[AkismetRequest]) -> AkismetRequest.Kind | None:
    """What Akismet has to be told now, if it believes something else of the words as they are."""
    edited_at = decision.comment.edited_at
    said = [each for each in requests if _was_said(each) and (edited_at is None or each.created_at >= edited_at)]
    if not said:
        return None
    if decision.now == Status.SPAM and not said[-1].says_spam():
        return Kind.SPAM
    if decision.now == Status.APPROVED and said[-1].says_spam():
        return Kind.HAM
    return None


def _was_said(request: AkismetRequest) -> bool:
    """By Akismet or to it. A correction that is on its way will arrive."""
    return request.state == State.DONE or (request.state == State.ASKING and request.kind != Kind.CHECK)


def _is_over(request: AkismetRequest, correction: AkismetRequest.Kind | None) -> bool:
    if request.kind == Kind.CHECK:
        return request.state in {State.WAITING, State.ASKING, State.FAILED}
    return request.state == State.WAITING and request.kind != correction
