"""Submission of a comment: collect the facts once, run every rule, store the comment with its first Decision."""

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
from comments.akismet.requests import akismet_is_asked_first, enqueue_check
from comments.classifier.scores import Scores
from comments.db.advisory_locks import bind_locks
from comments.db.compiled_query import TEXT_MARK, CompiledQuery, run_pipelined
from comments.db.insert import insert
from comments.filters.hit_counters import count_hits
from comments.identity import Reader, create_device_id, is_device_derived_from
from comments.models import Comment, Conversation, Decision, RuleHit, update_ancestor_counts, update_conversation_counts
from comments.rules import engine
from comments.rules.engine import Challenge, Finding
from comments.rules.facts import Outcome
from comments.statuses import Cause, Status
from comments.submission import attack_mode
from comments.submission.attack_mode import NewDeviceActivity
from comments.submission.collect_facts import (
    FactCollector,
    SubmittedComment,
    conversation_exists,
    hash_text,
    scorer_for,
)
from comments.submission.near_duplicates import (
    SimilarComments,
    bind_shingles,
    find_similar,
    join_cluster,
    lock_names,
    new_shingles,
)
from comments.submission.proof_of_work import CheckedProof
from comments.tasks import notify_about_decision
from comments.text import confusables
from comments.text.fingerprints import TextFingerprint

RESUBMISSION_WINDOW = timedelta(minutes=10)
ATTACK_RULE = "comments.rules.builtin.came_in_an_attack"
OUTCOME_STATUS = {Outcome.PUBLISH: Status.APPROVED, Outcome.HOLD: Status.PENDING, Outcome.SPAM: Status.SPAM}


@dataclass(frozen=True)
class SubmissionResult:
    """Result of a submission, with the device to set as cookie on the response.

    `device` is `None` if the request repeats a stored comment without a cookie and without proof of its author. The
    response then shows no more than this comment.
    """

    comment: Comment
    device: str | None


class CommentRefused(Exception):
    """Refusal of a comment, of which nothing was stored; `message` is for the reader.

    `retry_after` (seconds) is set when waiting helps. `purpose` is set when a proof of work helps: the value that the
    proof has to be bound to.
    """

    def __init__(self, finding: Finding, *, purpose: str = "") -> None:
        super().__init__(finding.detail)
        self.message = str(finding.detail)
        self.retry_after: int | None = getattr(finding.detail, "retry_after", None)
        self.purpose = purpose


def raise_if_refused(findings: Iterable[Finding], *, purpose: Callable[[], str] = str) -> None:
    """Raise CommentRefused if a finding refuses the comment; `purpose` returns what a proof of work is bound to."""
    if refusal := engine.first_refusal(findings):
        raise CommentRefused(refusal, purpose=purpose() if isinstance(refusal.detail, Challenge) else "")


def submit(article: Article, draft: SubmittedComment, reader: Reader) -> SubmissionResult:
    """Store the comment, or return the stored one if this request repeats an earlier submission.

    One submission is one row, however often it arrives. The caller must check that the article is public and that the
    parent is a public comment of it. Raise CommentRefused if a rule refuses the comment.
    """
    score, keys = scorer_for(draft), _submission_keys(article, draft, reader)
    with count_hits() as findings, _recording_activity(reader) as activities, transaction.atomic():
        collector = FactCollector(article.pk, draft, reader)
        # Serialize the posts of a device and of a submission key. Posts of the same instant would not see each other
        # otherwise.
        lock = bind_locks(reader.device or keys[-1], *collector.lock_names())
        results = run_pipelined(
            {"lock": lock, "sent": _SUBMISSION_KEY_QUERY.bind_many(keys), **collector.limit_queries()}
        )
        resubmission_proof = f"{draft.idempotency_key} {keys[-1]}" if draft.idempotency_key else ""
        if earlier := _find_resubmission(article, reader, results["sent"], proof=resubmission_proof):
            return earlier
        if activity := collector.read_activity(results):
            activities.append(activity)
        raise_if_refused(engine.run_limits(collector.limit_facts(results)), purpose=collector.purpose)
        scores, fingerprint = score(), TextFingerprint.of(draft.text)
        similar_lock = bind_locks(*lock_names(fingerprint))  # serializes similar texts, for the same reason
        further_queries = {"lock": similar_lock, "shingles": bind_shingles(fingerprint), **collector.other_queries()}
        results = {**results, **run_pipelined(further_queries)}
        similar = find_similar(fingerprint, results["shingles"])
        facts = collector.facts(results, scores=scores, similar=similar)
        findings.extend(engine.run_rules(facts))
        findings.extend(akismet_is_asked_first(facts, findings))
        raise_if_refused(findings)
        outcome = engine.most_severe(findings)
        if not conversation_exists(results):
            Conversation.objects.get_or_create(article=article)
        device = reader.device or create_device_id(resubmission_proof)
        comment = _build_comment(
            article, draft, reader, device, status=OUTCOME_STATUS[outcome], scores=scores, key=keys[-1]
        )
        _store(comment, findings, similar, activity, collector.unused_proof(results))
        enqueue_check(comment, findings, reader, honeypot=draft.honeypot)
    return SubmissionResult(comment, device=comment.device)


@contextmanager
def _recording_activity(reader: Reader) -> Iterator[list[NewDeviceActivity]]:
    """Collect the activity of a new device, and record it after the transaction has ended."""
    activities: list[NewDeviceActivity] = []
    is_challenged = False
    try:
        yield activities
    except CommentRefused as error:
        is_challenged = bool(error.purpose)
        raise
    finally:
        for activity in activities:
            attack_mode.record_activity(activity, reader, is_challenged=is_challenged)


def _find_resubmission(
    article: Article, reader: Reader, sent: Iterable[tuple[int]], *, proof: str
) -> SubmissionResult | None:
    """Find the same text, name, article and parent from the same device, else network, within ten minutes.

    The first post of a device has no cookie and is identified by its network. One row is stored, however often it
    arrives. The cookie of a device gives access to all of its comments and its email address. A repeated post
    therefore gets the cookie only with the `proof` that its page created at random and also sent the first time
    (comment_form.js). Name, text and network are no proof, since a neighbour may know all three. The signed
    time of the form is no proof either, since a cached page has the same one for every reader. Without JavaScript
    there is no proof: after a double click the author gets a receipt instead of a cookie.
    """
    found = [pk for (pk,) in sent]
    for comment in Comment.objects.filter(pk__in=found) if found else ():
        if comment.created_at <= timezone.now() - RESUBMISSION_WINDOW or not _is_unchanged(comment):
            Conversation.lock(article.pk)
            Comment.objects.filter(pk=comment.pk).update(submission_key=None)
        elif reader.device is None:
            return SubmissionResult(
                comment, device=comment.device if is_device_derived_from(comment.device, proof) else None
            )
        elif reader.device == comment.device:
            return SubmissionResult(comment, device=reader.device)
    return None


def _by_submission_key(key: str) -> QuerySet[Comment, tuple[Any, ...]]:
    return Comment.objects.filter(submission_key=key).order_by().values_list("pk")


_SUBMISSION_KEY_QUERY = CompiledQuery(Comment, _by_submission_key, key=TEXT_MARK)


def _is_unchanged(comment: Comment) -> bool:
    """Return whether the comment is as its author sent it; otherwise the same text is a new submission."""
    return (comment.is_public() or comment.is_pending_for_author()) and comment.edited_at is None


def _build_comment(
    article: Article, draft: SubmittedComment, reader: Reader, device: str, *, status: Status, scores: Scores, key: str
) -> Comment:
    comment = Comment(
        article=article,
        name=draft.name,
        text=draft.text,
        status=status,
        is_visible=status == Status.APPROVED,
        device=device,
        network=reader.network,
        text_hash=hash_text(draft.text),
        name_key=confusables.confusable_key(draft.name),
        staff=draft.staff,
        submission_key=key,
        **scores.as_fields(),
    )
    comment.set_parent(draft.parent)
    return comment


def _store(
    comment: Comment,
    findings: Iterable[Finding],
    similar: SimilarComments,
    activity: NewDeviceActivity | None,
    given: CheckedProof,
) -> None:
    """Store the comment with its first Decision and update all that depends on it.

    Locks that other requests may wait for are taken last: first the conversation, then a cluster, then the ancestors.
    """
    insert(comment)
    said = [finding.as_json() for finding in findings]
    decision = Decision(
        comment=comment, from_status=None, to_status=comment.status, cause=Cause.SUBMITTED, findings=said
    )
    posts = attack_mode.new_device_posts(comment, activity, given) if activity else []
    insert(decision, *RuleHit.of(comment, said), *new_shingles(comment, similar), *posts)
    if comment.is_public():
        update_conversation_counts(comment, +1)
    if activity and activity.is_attack and comment.status == Status.PENDING and _is_part_of_attack(findings):
        attack_mode.add_to_attack_cluster(comment, activity)
    else:
        join_cluster(comment, similar)
    if comment.is_public():
        update_ancestor_counts(comment, +1)
        notify_about_decision(decision)


def _is_part_of_attack(findings: Iterable[Finding]) -> bool:
    return any(finding.rule == ATTACK_RULE for finding in findings)


def _submission_keys(article: Article, draft: SubmittedComment, reader: Reader) -> list[str]:
    """Return the keys that the comment may have been stored under; it will be stored under the last one."""
    identities = [{"network": reader.network}, *([{"device": reader.device}] if reader.device else [])]
    contents = [[each, article.pk, draft.parent and draft.parent.pk, draft.name, draft.text] for each in identities]
    return [
        salted_hmac("comments.submission.submit", json.dumps(content), algorithm="sha256").hexdigest()[:32]
        for content in contents
    ]
