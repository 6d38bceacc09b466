"""Edits by authors: allowed for a few minutes until there is a reply, and checked by every rule again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.akismet.requests import akismet_is_asked_first, enqueue_check, is_held_for_akismet_only
from comments.classifier.scores import Scores
from comments.db.advisory_locks import bind_locks
from comments.db.compiled_query import run_pipelined
from comments.filters.hit_counters import count_hits
from comments.identity import Reader
from comments.models import Comment, Conversation, EarlierText
from comments.moderation.decide import InvalidTransition, decide
from comments.rules import engine
from comments.rules.engine import Finding
from comments.statuses import Cause, Status
from comments.submission.collect_facts import FactCollector, SubmittedComment, hash_text, scorer_for
from comments.submission.near_duplicates import bind_shingles, find_similar, lock_names, reassign_cluster
from comments.submission.submit import OUTCOME_STATUS, raise_if_refused
from comments.text.fingerprints import TextFingerprint

MAX_EDITS = 10  # edits of one comment
_EDITABLE_STATUSES = [Status.APPROVED, Status.PENDING, Status.SPAM]  # the mildest status first
_REPLY_STATUSES = [Status.APPROVED, Status.PENDING]


class NotEditable(Exception):
    """Refused edit, which changed nothing; the message is for the author."""


def editable_until(comment: Comment) -> datetime:
    return comment.created_at + timedelta(minutes=settings.COMMENT_EDIT_MINUTES)


def find_editable(comments: Iterable[Comment]) -> set[int]:
    """Return the ids of the comments that their authors can edit now.

    This is `check_editable` for many comments, in at most two queries.
    """
    now = timezone.now()
    changeable = [each for each in comments if each.status in _EDITABLE_STATUSES and not each.redacted_at]
    young = [each.pk for each in changeable if now < editable_until(each)]
    if not young:
        return set()
    answered = Comment.objects.filter(parent__in=young, status__in=_REPLY_STATUSES).values_list("parent_id", flat=True)
    changed = Counter(EarlierText.objects.filter(comment__in=young, actor=None).values_list("comment_id", flat=True))
    return {pk for pk in young if changed[pk] < MAX_EDITS} - set(answered)


def check_editable(comment: Comment) -> None:
    """Raise NotEditable if the author cannot edit the comment now."""
    if comment.status not in _EDITABLE_STATUSES:
        raise NotEditable(_("This comment has been removed, so you can’t edit it."))
    if timezone.now() >= editable_until(comment):
        minutes = settings.COMMENT_EDIT_MINUTES
        text = ngettext(
            "You can edit a comment for %d minute after posting.",
            "You can edit a comment for %d minutes after posting.",
            minutes,
        )
        raise NotEditable(text % minutes)
    if comment.replies.filter(status__in=_REPLY_STATUSES).exists():
        raise NotEditable(_("Someone has replied, so you can no longer edit it."))
    if comment.redacted_at:
        raise NotEditable(_("A moderator has edited it, so you can no longer change it."))
    if comment.earlier_texts.filter(actor=None).count() >= MAX_EDITS:
        raise NotEditable(_("You’ve reached the limit for edits."))


def edit(comment: Comment, text: str, reader: Reader) -> None:
    """Replace the text of the comment; the verdict of the rules may hide it, but never shows a hidden comment.

    Reviews and picks applied to the old text and are removed. Reports of the old text no longer count towards hiding
    the comment, but a moderator still reviews them.

    The caller must check that the reader is the author. Raise NotEditable or CommentRefused. `comment` is updated.
    """
    draft = SubmittedComment(
        text=text, name=comment.name, parent=comment.parent, rendered_at=comment.created_at, staff=comment.staff
    )
    score = scorer_for(draft)
    with count_hits() as findings, transaction.atomic():
        _edit(comment, draft, reader, score, findings)


def _edit(
    comment: Comment, draft: SubmittedComment, reader: Reader, score: Callable[[], Scores], findings: list[Finding]
) -> None:
    collector = FactCollector(comment.article_id, draft, reader, edited=comment)
    results = run_pipelined({"lock": bind_locks(comment.device), **collector.limit_queries()})
    raise_if_refused(engine.run_limits(collector.limit_facts(results)))
    scores, fingerprint = score(), TextFingerprint.of(draft.text)
    shingles = run_pipelined({"lock": bind_locks(*lock_names(fingerprint)), "shingles": bind_shingles(fingerprint)})[
        "shingles"
    ]
    found = find_similar(fingerprint, shingles, edited=comment)
    Conversation.lock(comment.article_id)  # after this no reply can become public
    check_editable(comment)
    if draft.text == comment.text:
        return
    _check_unchanged(comment)
    facts = collector.facts({**results, **run_pipelined(collector.other_queries())}, scores=scores, similar=found)
    findings.extend(engine.run_rules(facts))
    if comment.status != Status.SPAM:
        findings.extend(akismet_is_asked_first(facts, findings))
    raise_if_refused(findings)
    now = max(Status(comment.status), OUTCOME_STATUS[engine.most_severe(findings)], key=_EDITABLE_STATUSES.index)
    earlier = EarlierText(comment=comment, text=comment.text)
    was_picked = comment.picked_at is not None
    may_publish = comment.is_public() or is_held_for_akismet_only(comment)  # an edit never shows a hidden comment
    change: dict[str, Any] = {"text": draft.text, "text_hash": hash_text(draft.text), "edited_at": timezone.now()}
    of_the_old_words: dict[str, Any] = {"reviewed_at": None, "picked_at": None}
    reassign_cluster(comment, found)
    try:
        changes = {**change, **of_the_old_words, **scores.as_fields()}
        decide(comment, now, actor=None, cause=Cause.EDITED, findings=findings, **changes)
    except InvalidTransition as error:
        raise NotEditable(_decided_meanwhile_message()) from error
    earlier.save()
    enqueue_check(comment, findings, reader, may_publish=may_publish)
    if comment.is_public():
        conversations = Conversation.objects.filter(article_id=comment.article_id)
        conversations.update(version=F("version") + 1, pick_count=F("pick_count") - int(was_picked))


def _check_unchanged(comment: Comment) -> None:
    """Raise NotEditable if the comment has changed since it was read.

    Call it with the conversation locked: then no decision is made on comments in a cluster. A comment without a
    cluster is locked, so that it cannot be added to one. `cluster_id` and `is_collapsed` of `comment` are updated.
    """
    this = Comment.objects.filter(pk=comment.pk)
    now = this.filter(cluster=None).select_for_update(no_key=True).first() or this.get()
    if (now.version, now.status) != (comment.version, comment.status):
        raise NotEditable(_decided_meanwhile_message())
    comment.cluster_id, comment.is_collapsed = now.cluster_id, now.is_collapsed


def _decided_meanwhile_message() -> str:
    return _("A moderator has just reviewed it.")
