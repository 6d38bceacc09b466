"""Scores of texts by what was learnt last. Never fails: without a lesson that can be used there is no score.

A process keeps the lessons it has read and asks for each comment, or for many at once, whether there are newer ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
import logging
from typing import Any

from comments.classifier.explain import Evidence, Reading
from comments.classifier.features import buckets_of
from comments.classifier.scores import NO_SCORES, Kind, Scores, percent
from comments.classifier.weights import Parameters, Unusable
from comments.db.compiled_query import PreparedQuery
from comments.models import Lesson

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """Which lessons are the newest, and what they hold, those that can be used.

    The checksum is among it: a database that was put back to an earlier day gives a number twice.
    """

    lessons: list[tuple[Any, ...]] = field(default_factory=list)
    parameters: dict[Kind, Parameters] = field(default_factory=dict)


_read = _Read()


def score(text: str) -> Scores:
    return next(scores_of([text]))


def scorer_of(text: str) -> Callable[[], Scores]:
    """Read the lessons now. What is returned scores the text by them, and asks the database nothing."""
    learnt = _learnt()
    return lambda: _score(text, learnt) if learnt else NO_SCORES


def scores_of(texts: Iterable[str]) -> Iterator[Scores]:
    """Of many texts, all by the same lessons."""
    learnt = _learnt()
    for text in texts:
        yield _score(text, learnt) if learnt else NO_SCORES


@dataclass(frozen=True)
class Scored:
    """One score, with the phrases that moved it."""

    kind: Kind
    percent: int
    evidence: Evidence

    @property
    def is_likely(self) -> bool:
        return self.percent >= 50


def scored(text: str) -> list[Scored]:
    """As many as there are scores; none, should anything fail."""
    try:
        reading = Reading(text)
        return [
            Scored(kind, percent(parameters.score(reading.buckets)), reading.evidence(parameters))
            for kind, parameters in sorted(_learnt().items(), reverse=True)
        ]
    except Exception:
        logger.exception("What a comment looks like cannot be told.")
        return []


def learnt_kinds() -> set[Kind]:
    """Of which there are scores."""
    return set(_learnt())


def evidence_for(text: str, kind: Kind) -> Evidence:
    """The phrases that moved the score of that kind."""
    try:
        parameters = _learnt().get(kind)
        return Reading(text).evidence(parameters) if parameters else Evidence([], [])
    except Exception:
        logger.exception("What moved the score of a comment cannot be told.")
        return Evidence([], [])


def _score(text: str, learnt: dict[Kind, Parameters]) -> Scores:
    try:
        buckets = buckets_of(text)
        by_kind = {kind: parameters.score(buckets) for kind, parameters in learnt.items()}
        return Scores(spam=by_kind.get(Kind.SPAM), rejected=by_kind.get(Kind.REJECTED))
    except Exception:  # a score is a help; the comment comes first
        logger.exception("A comment could not be scored.")
        return NO_SCORES


_NEWEST = PreparedQuery(Lesson, lambda: Lesson.objects.newest_of_each().values_list("pk", "checksum", "format"))


def _learnt() -> dict[Kind, Parameters]:
    global _read  # noqa: PLW0603 (one a process; two threads may read it twice, and either is right)
    try:
        lessons = _NEWEST.rows()
        if _read.lessons != lessons:
            _read = _Read(lessons, dict(_usable(pk for pk, *_rest in lessons)))
    except Exception:
        logger.exception("There are no scores: the lessons cannot be read.")
        return {}
    return _read.parameters


def _usable(lessons: Iterable[int]) -> Iterator[tuple[Kind, Parameters]]:
    for lesson in Lesson.objects.filter(pk__in=list(lessons)):
        try:
            if parameters := lesson.parameters():
                yield Kind(lesson.kind), parameters
        except Unusable as fault:
            logger.error("The lesson %s (%s) gives no scores: %s.", lesson.pk, lesson.kind, fault)
