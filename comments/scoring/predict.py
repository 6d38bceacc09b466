"""Scores of texts by the newest usable scoring models. Never fails: without a model there is no score.

Each process caches the models. It checks for newer ones once per comment or batch.
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
    """Ids, checksums and formats of the newest models, and the parameters of the usable ones.

    The checksum is needed because ids repeat after a database has been restored from a backup.
    """

    scoring_models: list[tuple[Any, ...]] = field(default_factory=list)
    parameters: dict[ScoreKind, ModelParameters] = field(default_factory=dict)


_loaded = _LoadedModels()


def score_text(text: str) -> Scores:
    return next(score_texts([text]))


def load_scorer(text: str) -> Callable[[], Scores]:
    """Load the models now. The returned function scores the text with them and without queries."""
    trained = _load_models()
    return lambda: _score(text, trained) if trained else NO_SCORES


def score_texts(texts: Iterable[str]) -> Iterator[Scores]:
    """Score many texts with the same models."""
    trained = _load_models()
    for text in texts:
        yield _score(text, trained) if trained else NO_SCORES


@dataclass(frozen=True)
class ExplainedScore:
    """One score with the phrases that raised or lowered it."""

    kind: ScoreKind
    percent: int
    evidence: Evidence

    @property
    def is_likely(self) -> bool:
        return self.percent >= 50


def explain_scores(text: str) -> list[ExplainedScore]:
    """Return an explained score for each kind. Return an empty list on any error."""
    try:
        reading = TokenizedText(text)
        return [
            ExplainedScore(kind, to_percent(parameters.score(reading.buckets)), reading.evidence(parameters))
            for kind, parameters in sorted(_load_models().items(), reverse=True)
        ]
    except Exception:
        logger.exception("The scores of a comment could not be explained.")
        return []


def trained_kinds() -> set[ScoreKind]:
    """Return the kinds that have a usable model."""
    return set(_load_models())


def explain_score(text: str, kind: ScoreKind) -> Evidence:
    """Return the phrases that raised or lowered the score of that kind. Empty on any error."""
    try:
        parameters = _load_models().get(kind)
        return TokenizedText(text).evidence(parameters) if parameters else Evidence([], [])
    except Exception:
        logger.exception("The score of a comment could not be explained.")
        return Evidence([], [])


def _score(text: str, trained: dict[ScoreKind, ModelParameters]) -> Scores:
    try:
        buckets = text_buckets(text)
        by_kind = {kind: parameters.score(buckets) for kind, parameters in trained.items()}
        return Scores(spam=by_kind.get(ScoreKind.SPAM), rejected=by_kind.get(ScoreKind.REJECTED))
    except Exception:  # a comment must be accepted even without a score
        logger.exception("A comment could not be scored.")
        return NO_SCORES


_NEWEST_MODELS_QUERY = CompiledQuery(
    ScoringModel, lambda: ScoringModel.objects.newest_per_kind().values_list("pk", "checksum", "format")
)


def _load_models() -> dict[ScoreKind, ModelParameters]:
    global _loaded  # noqa: PLW0603 (threads may load in parallel; either result is valid)
    try:
        scoring_models = _NEWEST_MODELS_QUERY.rows()
        if _loaded.scoring_models != scoring_models:
            _loaded = _LoadedModels(scoring_models, dict(_usable_models(pk for pk, *_rest in scoring_models)))
    except Exception:
        logger.exception("No scores: the scoring models cannot be read.")
        return {}
    return _loaded.parameters


def _usable_models(scoring_models: Iterable[int]) -> Iterator[tuple[ScoreKind, ModelParameters]]:
    for scoring_model in ScoringModel.objects.filter(pk__in=list(scoring_models)):
        try:
            if parameters := scoring_model.parameters():
                yield ScoreKind(scoring_model.kind), parameters
        except InvalidModel as fault:
            logger.error("Scoring model %s (%s) gives no scores: %s.", scoring_model.pk, scoring_model.kind, fault)
