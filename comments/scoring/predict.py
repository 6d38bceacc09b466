"""Scores of texts by what was learnt last. Never fails: without a lesson that can be used there is no score.

A process keeps the lessons it has read and asks for each comment, or for many at once, whether there are newer ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
import logging
from typing import Any

from comments.classifier.explain import Evidence, TokenizedText
from comments.classifier.features import text_buckets
from comments.classifier.scores import NO_SCORES, ScoreKind, Scores, to_percent
from comments.classifier.weights import InvalidModel, ModelParameters
from comments.db.compiled_query import CompiledQuery
from comments.models import ScoringModel

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _LoadedModels:
    """Which lessons are the newest, and what they hold, those that can be used.

    The checksum is among it: a database that was put back to an earlier day gives a number twice.
    """

    lessons: list[tuple[Any, ...]] = field(default_factory=list)
    parameters: dict[ScoreKind, ModelParameters] = field(default_factory=dict)


_loaded = _LoadedModels()


def score_text(text: str) -> Scores:
    return next(score_texts([text]))


def load_scorer(text: str) -> Callable[[], Scores]:
    """Read the lessons now. What is returned scores the text by them, and asks the database nothing."""
    learnt = _load_models()
    return lambda: _score(text, learnt) if learnt else NO_SCORES


def score_texts(texts: Iterable[str]) -> Iterator[Scores]:
    """Of many texts, all by the same lessons."""
    learnt = _load_models()
    for text in texts:
        yield _score(text, learnt) if learnt else NO_SCORES


@dataclass(frozen=True)
class ExplainedScore:
    """One score, with the phrases that moved it."""

    kind: ScoreKind
    percent: int
    evidence: Evidence

    @property
    def is_likely(self) -> bool:
        return self.percent >= 50


def explain_scores(text: str) -> list[ExplainedScore]:
    """As many as there are scores; none, should anything fail."""
    try:
        reading = TokenizedText(text)
        return [
            ExplainedScore(kind, to_percent(parameters.score(reading.buckets)), reading.evidence(parameters))
            for kind, parameters in sorted(_load_models().items(), reverse=True)
        ]
    except Exception:
        logger.exception("What a comment looks like cannot be told.")
        return []


def trained_kinds() -> set[ScoreKind]:
    """Of which there are scores."""
    return set(_load_models())


def explain_score(text: str, kind: ScoreKind) -> Evidence:
    """The phrases that moved the score of that kind."""
    try:
        parameters = _load_models().get(kind)
        return TokenizedText(text).evidence(parameters) if parameters else Evidence([], [])
    except Exception:
        logger.exception("What moved the score of a comment cannot be told.")
        return Evidence([], [])


def _score(text: str, learnt: dict[ScoreKind, ModelParameters]) -> Scores:
    try:
        buckets = text_buckets(text)
        by_kind = {kind: parameters.score(buckets) for kind, parameters in learnt.items()}
        return Scores(spam=by_kind.get(ScoreKind.SPAM), rejected=by_kind.get(ScoreKind.REJECTED))
    except Exception:  # a score is a help; the comment comes first
        logger.exception("A comment could not be scored.")
        return NO_SCORES


_NEWEST_MODELS_QUERY = CompiledQuery(
    ScoringModel, lambda: ScoringModel.objects.newest_per_kind().values_list("pk", "checksum", "format")
)


def _load_models() -> dict[ScoreKind, ModelParameters]:
    global _loaded  # noqa: PLW0603 (two threads may load it at the same time, and either result is right)
    try:
        lessons = _NEWEST_MODELS_QUERY.rows()
        if _loaded.lessons != lessons:
            _loaded = _LoadedModels(lessons, dict(_usable_models(pk for pk, *_rest in lessons)))
    except Exception:
        logger.exception("There are no scores: the lessons cannot be read.")
        return {}
    return _loaded.parameters


def _usable_models(lessons: Iterable[int]) -> Iterator[tuple[ScoreKind, ModelParameters]]:
    for lesson in ScoringModel.objects.filter(pk__in=list(lessons)):
        try:
            if parameters := lesson.parameters():
                yield ScoreKind(lesson.kind), parameters
        except InvalidModel as fault:
            logger.error("The lesson %s (%s) gives no scores: %s.", lesson.pk, lesson.kind, fault)
