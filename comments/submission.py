"""One reader sends one comment: gather the facts once, ask every rule, store it with its first Decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
import json
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from articles.models import Article
from comments import names, rules
from comments.akismet.asking import akismet_is_asked_first, ask_about
from comments.facts import Outcome
from comments.gathering import Draft, gather, hash_of, scores_for
from comments.hits import counting_hits
from comments.learning.scores import Scores
from comments.locks import one_at_a_time
from comments.models import Comment, Conversation, Decision, Firing, count_public
from comments.preparedquery import PreparedQuery
from comments.raids import alike, remember
from comments.readers import Reader, new_device
from comments.rules import Finding
from comments.statuses import Cause, Status
from comments.tasks import write_letters_about

SAME_SUBMISSION = timedelta(minutes=10)
STATUS_OF = {Outcome.PUBLISH: Status.APPROVED, Outcome.HOLD: Status.HELD, Outcome.SPAM: Status.SPAM}


@dataclass(frozen=True)
class Receipt:
    """What became of it. `device` is the one to remember on the answer, None to leave the reader's cookie alone."""

    comment: Comment
    device: str | None


class Refused(Exception):
    """Not taken, nothing stored. Speaks to the reader; `retry_after` (seconds) is set when waiting helps."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.message = str(finding.detail)
        self.retry_after: int | None = getattr(finding.detail, "retry_after", None)


def submit(article: Article, draft: Draft, reader: Reader) -> Receipt:
    """Stores the comment, or finds that it is stored already: one submission is one row, however often it arrives.

    The caller has seen to it that the article is public and that the parent is a public comment of it.
    Raises Refused.
    """
    scores = scores_for(draft)
    with counting_hits() as findings, transaction.atomic():
        if reader.device:
            one_at_a_time(reader.device)  # or its many posts of one instant would not see each other
        if receipt := _earlier(article, draft, reader):
            return receipt
        conversation, _created = Conversation.objects.get_or_create(article=article)
        found = alike(draft.text)
        facts = gather(conversation, draft, reader, scores=scores, alike=found)
        findings.extend(rules.judge(facts))
        findings.extend(akismet_is_asked_first(facts, findings))
        outcome = rules.verdict(findings)
        if outcome == Outcome.REFUSE:
            raise Refused(next(finding for finding in findings if finding.outcome == outcome))
        if outcome == Outcome.PUBLISH:
            Conversation.lock(article.pk)
        try:
            with transaction.atomic():
                comment = _store(article, draft, reader, status=STATUS_OF[outcome], scores=scores)
        except IntegrityError:  # the same submission, stored between our look and our write
            if receipt := _earlier(article, draft, reader):
                return receipt
            raise
        decision = Decision.objects.create(
            comment=comment,
            was=None,
            now=comment.status,
            cause=Cause.SUBMITTED,
            findings=[finding.as_json() for finding in findings],
        )
        Firing.record(decision)
        remember(comment, found)
        ask_about(comment, findings, reader, honeypot=draft.honeypot)
        if comment.is_public():
            count_public(comment, +1)
            write_letters_about(decision)
    return Receipt(comment, device=comment.device)


def _earlier(article: Article, draft: Draft, reader: Reader) -> Receipt | None:
    """The same text, name, article and parent from the same device, else network, within ten minutes.

    The first post of a device comes without a cookie and is known by its network. Whoever sends it again from there
    is given the same cookie, or a double click would lose it. But not once the comment has been public: then anybody
    of that network could have copied it.
    """
    known = [_submission_key(article, draft, network=reader.network)]
    if reader.device:
        known.append(_submission_key(article, draft, device=reader.device))
    found = [pk for (pk,) in _SENT.rows_of_each(known)]
    for comment in Comment.objects.filter(pk__in=found) if found else ():
        if comment.created_at <= timezone.now() - SAME_SUBMISSION or not _is_as_it_was_sent(comment):
            Conversation.lock(article.pk)
            Comment.objects.filter(pk=comment.pk).update(submission_key=None)
        elif reader.device is None:
            was_public = comment.decisions.filter(now=Status.APPROVED).exists()
            return Receipt(comment, device=None if was_public else comment.device)
        elif reader.device == comment.device:
            return Receipt(comment, device=reader.device)
    return None


def _sent(key: str) -> QuerySet[Comment, tuple[Any, ...]]:
    return Comment.objects.filter(submission_key=key).order_by().values_list("pk")


_SENT = PreparedQuery(Comment, _sent, key="\N{PILCROW SIGN}")


def _is_as_it_was_sent(comment: Comment) -> bool:
    """Else its author means something new by sending the same words again."""
    return (comment.is_public() or comment.is_waiting()) and comment.edited_at is None


def _store(article: Article, draft: Draft, reader: Reader, *, status: Status, scores: Scores) -> Comment:
    identity = {"device": reader.device} if reader.device else {"network": reader.network}
    comment = Comment(
        article=article,
        name=draft.name,
        text=draft.text,
        status=status,
        device=reader.device or new_device(),
        network=reader.network,
        text_hash=hash_of(draft.text),
        name_key=names.key(draft.name),
        staff=draft.staff,
        submission_key=_submission_key(article, draft, **identity),
        **scores.as_fields(),
    )
    comment.place_under(draft.parent)
    comment.save()
    return comment


def _submission_key(article: Article, draft: Draft, **identity: str) -> str:
    content = [identity, article.pk, draft.parent and draft.parent.pk, draft.name, draft.text]
    return salted_hmac("comments.submission", json.dumps(content), algorithm="sha256").hexdigest()[:32]
