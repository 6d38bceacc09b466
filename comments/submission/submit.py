"""One reader sends one comment: gather the facts once, ask every rule, store it with its first Decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
import json
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from articles.models import Article
from comments.akismet.requests import akismet_is_asked_first, ask_about
from comments.classifier.scores import Scores
from comments.db.advisory_locks import asked_for_turn
from comments.db.compiled_query import PreparedQuery, answers
from comments.db.insert import insert
from comments.filters.hit_counters import counting_hits
from comments.identity import Reader, new_device, was_made_for
from comments.models import Comment, Conversation, Decision, Firing, count_above, count_in_conversation
from comments.rules import builtin
from comments.rules.builtin import Challenge, Finding
from comments.rules.facts import Outcome
from comments.statuses import Cause, Status
from comments.submission import attack_mode
from comments.submission.attack_mode import Situation
from comments.submission.collect_facts import Draft, Gathering, hash_of, is_begun, scorer_for
from comments.submission.near_duplicates import Alike, alike, asked_for_traces, join, traces_of, turn_of
from comments.submission.proof_of_work import Given
from comments.tasks import write_letters_about
from comments.text import confusables
from comments.text.fingerprints import Likeness

SAME_SUBMISSION = timedelta(minutes=10)
OF_ATTACK = "comments.rules.builtin.came_in_an_attack"
STATUS_OF = {Outcome.PUBLISH: Status.APPROVED, Outcome.HOLD: Status.HELD, Outcome.SPAM: Status.SPAM}


@dataclass(frozen=True)
class Receipt:
    """The outcome of a submission. `device` is the one to remember on the answer. It is None if the request repeats a
    stored comment without a cookie and without proof of its author: the answer shows no more than this comment.
    """

    comment: Comment
    device: str | None


class Refused(Exception):
    """Not taken, nothing stored. Speaks to the reader; `retry_after` (seconds) is set when waiting helps.

    `purpose` is set when a proof of work helps: what that has to be bound to.
    """

    def __init__(self, finding: Finding, *, purpose: str = "") -> None:
        super().__init__(finding.detail)
        self.message = str(finding.detail)
        self.retry_after: int | None = getattr(finding.detail, "retry_after", None)
        self.purpose = purpose


def refuse_by(findings: Iterable[Finding], *, purpose: Callable[[], str] = str) -> None:
    """Raise Refused if one of the findings says so. `purpose` tells what a proof of work is bound to."""
    if refusal := builtin.refusal_among(findings):
        raise Refused(refusal, purpose=purpose() if isinstance(refusal.detail, Challenge) else "")


def submit(article: Article, draft: Draft, reader: Reader) -> Receipt:
    """Stores the comment, or finds that it is stored already: one submission is one row, however often it arrives.

    The caller has seen to it that the article is public and that the parent is a public comment of it.
    Raises Refused.
    """
    score, keys = scorer_for(draft), _submission_keys(article, draft, reader)
    with counting_hits() as findings, _noting_attacks(reader) as arrived, transaction.atomic():
        gathering = Gathering(article.pk, draft, reader)
        # One at a time, or many posts of one instant would not see each other: those of a device, the same one.
        turn = asked_for_turn(reader.device or keys[-1], *gathering.turns())
        looked = answers({"turn": turn, "sent": _SENT.given_each(keys), **gathering.limits()})
        resent = f"{draft.idempotency_key} {keys[-1]}" if draft.idempotency_key else ""
        if receipt := _earlier(article, reader, looked["sent"], proof=resent):
            return receipt
        if situation := gathering.situation(looked):
            arrived.append(situation)
        refuse_by(builtin.judge_limits(gathering.limited(looked)), purpose=gathering.purpose)
        scores, likeness = score(), Likeness.of(draft.text)
        alike_turn = asked_for_turn(*turn_of(likeness))  # what is alike, for the same reason
        asked = {"turn": alike_turn, "traces": asked_for_traces(likeness), **gathering.all_but_limits()}
        looked = {**looked, **answers(asked)}
        like = alike(likeness, looked["traces"])
        facts = gathering.facts(looked, scores=scores, alike=like)
        findings.extend(builtin.judge(facts))
        findings.extend(akismet_is_asked_first(facts, findings))
        refuse_by(findings)
        outcome = builtin.verdict(findings)
        if not is_begun(looked):
            Conversation.objects.get_or_create(article=article)
        device = reader.device or new_device(resent)
        comment = _comment(article, draft, reader, device, status=STATUS_OF[outcome], scores=scores, key=keys[-1])
        _store(comment, findings, like, situation, gathering.given(looked))
        ask_about(comment, findings, reader, honeypot=draft.honeypot)
    return Receipt(comment, device=comment.device)


@contextmanager
def _noting_attacks(reader: Reader) -> Iterator[list[Situation]]:
    """Give it the situation of a new device; the attack is begun or prolonged after the transaction."""
    arrived: list[Situation] = []
    is_challenged = False
    try:
        yield arrived
    except Refused as error:
        is_challenged = bool(error.purpose)
        raise
    finally:
        for situation in arrived:
            attack_mode.note(situation, reader, is_challenged=is_challenged)


def _earlier(article: Article, reader: Reader, sent: Iterable[tuple[int]], *, proof: str) -> Receipt | None:
    """Find the same text, name, article and parent from the same device, else network, within ten minutes.

    The first post of a device comes without a cookie and is known by its network. One row is stored, however often it
    comes. The cookie of a device opens all of its comments and its e-mail address, so a repeated post is given the
    cookie only with the `proof` that its page made at random and sent the first time too (static/newsite/writing.js).
    Name, text and network are no proof, since a neighbour may know all three. The signed time of the form is none
    either, since a cached page has the same one for every reader. Without JavaScript there is no proof: the author of
    a double click gets a receipt instead of a cookie.
    """
    found = [pk for (pk,) in sent]
    for comment in Comment.objects.filter(pk__in=found) if found else ():
        if comment.created_at <= timezone.now() - SAME_SUBMISSION or not _is_as_it_was_sent(comment):
            Conversation.lock(article.pk)
            Comment.objects.filter(pk=comment.pk).update(submission_key=None)
        elif reader.device is None:
            return Receipt(comment, device=comment.device if was_made_for(comment.device, proof) else None)
        elif reader.device == comment.device:
            return Receipt(comment, device=reader.device)
    return None


def _sent(key: str) -> QuerySet[Comment, tuple[Any, ...]]:
    return Comment.objects.filter(submission_key=key).order_by().values_list("pk")


_SENT = PreparedQuery(Comment, _sent, key="\N{PILCROW SIGN}")


def _is_as_it_was_sent(comment: Comment) -> bool:
    """Else its author means something new by sending the same words again."""
    return (comment.is_public() or comment.is_waiting()) and comment.edited_at is None


def _comment(
    article: Article, draft: Draft, reader: Reader, device: str, *, status: Status, scores: Scores, key: str
) -> Comment:
    comment = Comment(
        article=article,
        name=draft.name,
        text=draft.text,
        status=status,
        is_shown=status == Status.APPROVED,
        device=device,
        network=reader.network,
        text_hash=hash_of(draft.text),
        name_key=confusables.key(draft.name),
        staff=draft.staff,
        submission_key=key,
        **scores.as_fields(),
    )
    comment.place_under(draft.parent)
    return comment


def _store(
    comment: Comment, findings: Iterable[Finding], like: Alike, situation: Situation | None, given: Given
) -> None:
    """With its first Decision, and in its place among the others. What others may wait for until we are done comes
    last: first the conversation, then a raid, then the comments above.
    """
    insert(comment)
    said = [finding.as_json() for finding in findings]
    decision = Decision(comment=comment, was=None, now=comment.status, cause=Cause.SUBMITTED, findings=said)
    posts = attack_mode.posts_of(comment, situation, given) if situation else []
    insert(decision, *Firing.of(comment, said), *traces_of(comment, like), *posts)
    if comment.is_public():
        count_in_conversation(comment, +1)
    if situation and situation.is_attack and comment.status == Status.HELD and _is_of_attack(findings):
        attack_mode.hold_in_attack(comment, situation)
    else:
        join(comment, like)
    if comment.is_public():
        count_above(comment, +1)
        write_letters_about(decision)


def _is_of_attack(findings: Iterable[Finding]) -> bool:
    return any(finding.rule == OF_ATTACK for finding in findings)


def _submission_keys(article: Article, draft: Draft, reader: Reader) -> list[str]:
    """Those that it may be stored under; the last one is to be."""
    identities = [{"network": reader.network}, *([{"device": reader.device}] if reader.device else [])]
    contents = [[each, article.pk, draft.parent and draft.parent.pk, draft.name, draft.text] for each in identities]
    return [
        salted_hmac("comments.submission.submit", json.dumps(content), algorithm="sha256").hexdigest()[:32]
        for content in contents
    ]
