"""Learns from the newsroom's decisions: measures on the newest, learns from all, scores what waits anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from comments.classifier.evaluation import area, as_json, measure
from comments.classifier.features import buckets_of
from comments.classifier.scores import Kind
from comments.classifier.train import TooFew, learn, matrix
from comments.models import Comment, Lesson
from comments.scoring.predict import scores_of
from comments.scoring.schedule import FEWEST, FEWEST_HELD_OUT, finish
from comments.scoring.training_data import Example, examples, newest_decision
from comments.statuses import Status

HELD_OUT = 5  # one in so many, the newest
KEPT = 5  # lessons of a kind
RESCORED = 20_000  # waiting comments, the newest
_NOTABLE = 0.005  # a change of a score
_PUT_AWAY = {Kind.SPAM: Status.SPAM, Kind.REJECTED: Status.REJECTED}


def learn_from_decisions() -> list[Lesson]:
    """Whoever calls has begun: see `due`."""
    newest = newest_decision()
    known = examples()
    rows = matrix(example.text for example in known)
    lessons = [_lesson(kind, known, rows) for kind in Kind]
    with transaction.atomic():
        for lesson in lessons:
            lesson.save()
            kept = Lesson.objects.of(lesson.kind).values_list("pk", flat=True)[:KEPT]
            Lesson.objects.of(lesson.kind).exclude(pk__in=list(kept)).delete()
    finish(newest_decision=newest)
    score_what_waits()
    return lessons


def _lesson(kind: Kind, known: Sequence[Example], rows: Any) -> Lesson:
    status = _PUT_AWAY[kind]
    places = [place for place, example in enumerate(known) if example.status in {Status.APPROVED, status}]
    are_bad = [known[place].status == status for place in places]
    lesson = Lesson(kind=kind, put_away=sum(are_bad), approved=len(are_bad) - sum(are_bad))
    if min(lesson.put_away, lesson.approved) < FEWEST:
        return lesson
    _measure(lesson, [known[place].text for place in places], rows[places], are_bad)
    lesson.keep(learn(rows[places], are_bad))
    return lesson


def _measure(lesson: Lesson, texts: Sequence[str], rows: Any, are_bad: Sequence[bool]) -> None:
    """By time, not at random: what counts is tomorrow's comments, and the words of one day resemble each other."""
    older = len(texts) - len(texts) // HELD_OUT
    held_out = are_bad[older:]
    lesson.held_out_put_away, lesson.held_out_approved = sum(held_out), len(held_out) - sum(held_out)
    if min(lesson.held_out_put_away, lesson.held_out_approved) < FEWEST_HELD_OUT:
        return
    try:
        parameters = learn(rows[:older], are_bad[:older])
    except TooFew:
        return
    scored = [
        (parameters.score(buckets_of(text)), is_bad) for text, is_bad in zip(texts[older:], held_out, strict=True)
    ]
    lesson.figures, lesson.area = [as_json(row) for row in measure(scored)], area(scored)


def score_what_waits() -> int:
    """How many have another score now. One at a time: nobody who decides waits for this."""
    waiting = Comment.objects.filter(status=Status.HELD, staff=None).newest()
    fields = ("pk", "text", "spam_score", "rejected_score")
    comments = list(waiting.values_list(*fields)[:RESCORED])
    changed = 0
    scored = scores_of(text for _pk, text, *_old in comments)
    for (pk, text, *old), scores in zip(comments, scored, strict=True):
        if all(_is_alike(*pair) for pair in zip(old, (scores.spam, scores.rejected), strict=True)):
            continue
        changed += Comment.objects.filter(pk=pk, text=text).update(**scores.as_fields())
    return changed


def _is_alike(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) < _NOTABLE
