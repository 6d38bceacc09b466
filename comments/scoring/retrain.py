"""Training on the newsroom's decisions: evaluate on the newest, train on all, then rescore pending comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from comments.classifier.evaluation import as_json, evaluate, roc_auc
from comments.classifier.features import text_buckets
from comments.classifier.scores import ScoreKind
from comments.classifier.train import TooFewExamples, feature_matrix, train_model
from comments.models import Comment, ScoringModel
from comments.scoring.predict import score_texts
from comments.scoring.schedule import MIN_DECISIONS_PER_CLASS, MIN_HELD_OUT_PER_CLASS, finish_training
from comments.scoring.training_data import Example, load_examples, newest_decision_id
from comments.statuses import Status

HELD_OUT_FRACTION = 5  # the newest fifth is held out
MODELS_KEPT = 5  # models of a kind
MAX_RESCORED = 20_000  # newest pending comments
_MIN_SCORE_CHANGE = 0.005  # smaller changes are not stored
_POSITIVE_STATUS = {ScoreKind.SPAM: Status.SPAM, ScoreKind.REJECTED: Status.REJECTED}


def retrain() -> list[ScoringModel]:
    """Train and store a model of each kind. The caller must hold the lease: see `schedule.acquire_lease`."""
    newest = newest_decision_id()
    known = load_examples()
    rows = feature_matrix(example.text for example in known)
    scoring_models = [_train(kind, known, rows) for kind in ScoreKind]
    with transaction.atomic():
        for scoring_model in scoring_models:
            scoring_model.save()
            kept = ScoringModel.objects.of(scoring_model.kind).values_list("pk", flat=True)[:MODELS_KEPT]
            ScoringModel.objects.of(scoring_model.kind).exclude(pk__in=list(kept)).delete()
    finish_training(last_decision_id=newest)
    rescore_pending()
    return scoring_models


def _train(kind: ScoreKind, known: Sequence[Example], rows: Any) -> ScoringModel:
    status = _POSITIVE_STATUS[kind]
    places = [place for place, example in enumerate(known) if example.status in {Status.APPROVED, status}]
    are_bad = [known[place].status == status for place in places]
    scoring_model = ScoringModel(kind=kind, positive_count=sum(are_bad), negative_count=len(are_bad) - sum(are_bad))
    if min(scoring_model.positive_count, scoring_model.negative_count) < MIN_DECISIONS_PER_CLASS:
        return scoring_model
    _evaluate(scoring_model, [known[place].text for place in places], rows[places], are_bad)
    scoring_model.set_parameters(train_model(rows[places], are_bad))
    return scoring_model


def _evaluate(scoring_model: ScoringModel, texts: Sequence[str], rows: Any, are_bad: Sequence[bool]) -> None:
    """Evaluate on the newest examples.

    The split is by time, not random: the model is for future comments, and comments of one day share words.
    """
    older = len(texts) - len(texts) // HELD_OUT_FRACTION
    held_out = are_bad[older:]
    scoring_model.held_out_positive_count, scoring_model.held_out_negative_count = (
        sum(held_out),
        len(held_out) - sum(held_out),
    )
    if min(scoring_model.held_out_positive_count, scoring_model.held_out_negative_count) < MIN_HELD_OUT_PER_CLASS:
        return
    try:
        parameters = train_model(rows[:older], are_bad[:older])
    except TooFewExamples:
        return
    scored = [
        (parameters.score(text_buckets(text)), is_bad) for text, is_bad in zip(texts[older:], held_out, strict=True)
    ]
    scoring_model.evaluation, scoring_model.roc_auc = [as_json(row) for row in evaluate(scored)], roc_auc(scored)


def rescore_pending() -> int:
    """Rescore pending comments and return how many changed.

    One UPDATE for each comment, so that moderators do not wait for locks.
    """
    waiting = Comment.objects.filter(status=Status.PENDING, staff=None).newest_first()
    fields = ("pk", "text", "spam_score", "rejected_score")
    comments = list(waiting.values_list(*fields)[:MAX_RESCORED])
    changed = 0
    scored = score_texts(text for _pk, text, *_old in comments)
    for (pk, text, *old), scores in zip(comments, scored, strict=True):
        if all(_is_unchanged(*pair) for pair in zip(old, (scores.spam, scores.rejected), strict=True)):
            continue
        changed += Comment.objects.filter(pk=pk, text=text).update(**scores.as_fields())
    return changed


def _is_unchanged(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) < _MIN_SCORE_CHANGE
