"""Authors change their words: for a few minutes, until somebody has replied, and through every rule again."""

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

from comments.akismet.requests import akismet_is_asked_first, ask_about, waits_for_akismet_alone
from comments.classifier.scores import Scores
from comments.db.advisory_locks import asked_for_turn
from comments.db.compiled_query import answers
from comments.filters.hit_counters import counting_hits
from comments.identity import Reader
from comments.models import Comment, Conversation, EarlierText
from comments.moderation.decide import WrongMove, decide
from comments.rules import builtin
from comments.rules.builtin import Finding
from comments.statuses import Cause, Status
from comments.submission.collect_facts import Draft, Gathering, hash_of, scorer_for
from comments.submission.near_duplicates import alike, asked_for_traces, regroup, turn_of
from comments.submission.submit import STATUS_OF, refuse_by
from comments.text.fingerprints import Likeness

EDITS = 10  # of one comment
_CHANGEABLE = [Status.APPROVED, Status.HELD, Status.SPAM]  # the milder first
_ANSWERS = [Status.APPROVED, Status.HELD]


class TooLate(Exception):
    """Not done, nothing changed. Speaks to the author."""


def editable_until(comment: Comment) -> datetime:
    return comment.created_at + timedelta(minutes=settings.COMMENT_EDIT_MINUTES)


def editable_among(comments: Iterable[Comment]) -> set[int]:
    """Which of these their authors can change now, in two queries at most: `check_editable` for many."""
    now = timezone.now()
    changeable = [each for each in comments if each.status in _CHANGEABLE and not each.redacted_at]
    young = [each.pk for each in changeable if now < editable_until(each)]
    if not young:
        return set()
    answered = Comment.objects.filter(parent__in=young, status__in=_ANSWERS).values_list("parent_id", flat=True)
    changed = Counter(EarlierText.objects.filter(comment__in=young, by=None).values_list("comment_id", flat=True))
    return {pk for pk in young if changed[pk] < EDITS} - set(answered)


def check_editable(comment: Comment) -> None:
    """Raises TooLate."""
    if comment.status not in _CHANGEABLE:
        raise TooLate(_("This comment has been removed, so you can’t edit it."))
    if timezone.now() >= editable_until(comment):
        minutes = settings.COMMENT_EDIT_MINUTES
        text = ngettext(
            "You can edit a comment for %d minute after posting.",
            "You can edit a comment for %d minutes after posting.",
            minutes,
        )
        raise TooLate(text % minutes)
    if comment.replies.filter(status__in=_ANSWERS).exists():
        raise TooLate(_("Someone has replied, so you can no longer edit it."))
    if comment.redacted_at:
        raise TooLate(_("A moderator has edited it, so you can no longer change it."))
    if comment.earlier_texts.filter(by=None).count() >= EDITS:
        raise TooLate(_("You’ve reached the limit for edits."))


def edit(comment: Comment, text: str, reader: Reader) -> None:
    """Gives the comment new words; what the rules say of them may hide it, never show what was hidden. Looks and picks
    were of the old ones. Reports of those no longer count towards hiding it, but wait for a moderator as before.

    The caller has seen to it that the reader is its author. Raises TooLate and Refused. Brings `comment` up
    to date.
    """
    draft = Draft(
        text=text, name=comment.name, parent=comment.parent, rendered_at=comment.created_at, staff=comment.staff
    )
    score = scorer_for(draft)
    with counting_hits() as findings, transaction.atomic():
        _edit(comment, draft, reader, score, findings)


def _edit(comment: Comment, draft: Draft, reader: Reader, score: Callable[[], Scores], findings: list[Finding]) -> None:
    gathering = Gathering(comment.article_id, draft, reader, edited=comment)
    looked = answers({"turn": asked_for_turn(comment.device), **gathering.limits()})
    refuse_by(builtin.judge_limits(gathering.limited(looked)))
    scores, likeness = score(), Likeness.of(draft.text)
    traces = answers({"turn": asked_for_turn(*turn_of(likeness)), "traces": asked_for_traces(likeness)})["traces"]
    found = alike(likeness, traces, edited=comment)
    Conversation.lock(comment.article_id)  # after this nobody's reply becomes public
    check_editable(comment)
    if draft.text == comment.text:
        return
    _check_unmoved(comment)
    facts = gathering.facts({**looked, **answers(gathering.all_but_limits())}, scores=scores, alike=found)
    findings.extend(builtin.judge(facts))
    if comment.status != Status.SPAM:
        findings.extend(akismet_is_asked_first(facts, findings))
    refuse_by(findings)
    now = max(Status(comment.status), STATUS_OF[builtin.verdict(findings)], key=_CHANGEABLE.index)
    earlier = EarlierText(comment=comment, text=comment.text)
    was_picked = comment.picked_at is not None
    may_publish = comment.is_public() or waits_for_akismet_alone(comment)  # an edit shows nothing that was hidden
    change: dict[str, Any] = {"text": draft.text, "text_hash": hash_of(draft.text), "edited_at": timezone.now()}
    of_the_old_words: dict[str, Any] = {"looked_at": None, "picked_at": None}
    regroup(comment, found)
    try:
        changes = {**change, **of_the_old_words, **scores.as_fields()}
        decide(comment, now, by=None, cause=Cause.EDITED, findings=findings, **changes)
    except WrongMove as error:
        raise TooLate(_just_decided()) from error
    earlier.save()
    ask_about(comment, findings, reader, may_publish=may_publish)
    if comment.is_public():
        conversations = Conversation.objects.filter(article_id=comment.article_id)
        conversations.update(version=F("version") + 1, picks=F("picks") - int(was_picked))


def _check_unmoved(comment: Comment) -> None:
    """Behind the conversation, where what is in a raid is not decided on by others. Brings its raid up to date; if it
    is in none, nobody takes it into one now. Raises TooLate.
    """
    this = Comment.objects.filter(pk=comment.pk)
    now = this.filter(raid=None).select_for_update(no_key=True).first() or this.get()
    if (now.version, now.status) != (comment.version, comment.status):
        raise TooLate(_just_decided())
    comment.raid_id, comment.is_folded = now.raid_id, now.is_folded


def _just_decided() -> str:
    return _("A moderator has just reviewed it.")
