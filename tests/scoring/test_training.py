"""Training on synthetic decisions: the model learns the differences, and the scores are calibrated.

The tests cannot show how good the scores are for a newsroom: see tests/support/synthetic_comments.py.
"""

import numpy as np
import pytest

from comments.classifier.evaluation import evaluate, roc_auc
from comments.classifier.features import text_buckets
from comments.classifier.scores import ScoreKind
from comments.classifier.train import TooFewExamples, feature_matrix, train_model
from comments.statuses import Status
from tests.support.synthetic_comments import ERROR_RATE, CommentGenerator


def scored(model_parameters, kind, status, number=600):
    known = [
        each for each in CommentGenerator(seed=2).labelled_comments(number) if each.status in {Status.APPROVED, status}
    ]
    return [(model_parameters[kind].score(text_buckets(each.text)), each.status == status) for each in known]


@pytest.mark.parametrize(("kind", "status"), [(ScoreKind.SPAM, Status.SPAM), (ScoreKind.REJECTED, Status.REJECTED)])
def test_what_moderators_put_away_scores_more_than_what_they_approve(model_parameters, kind, status):
    unseen = scored(model_parameters, kind, status)
    assert roc_auc(unseen) > 0.93
    row = next(row for row in evaluate(unseen) if row.percent == 50)
    assert row.precision > 0.85
    assert row.recall > 0.75


def test_a_score_means_what_it_says(model_parameters):
    """Calibration: most comments that score 0.9 or more were rejected; all scores add up to the rejections."""
    unseen = scored(model_parameters, ScoreKind.REJECTED, Status.REJECTED, number=1500)
    assert sum(score for score, _is_bad in unseen) == pytest.approx(sum(is_bad for _score, is_bad in unseen), rel=0.15)
    likely = [is_bad for score, is_bad in unseen if score >= 0.9]
    assert sum(likely) / len(likely) > 0.9 - ERROR_RATE


def test_scoring_without_libraries_gives_what_was_learnt_with_them(model_parameters):
    text = "A casino with insults: idiot! Привет, 世界."
    row = feature_matrix([text])
    parameters = model_parameters[ScoreKind.REJECTED]
    total = (row @ np.asarray(parameters.weights, dtype=np.float64))[0] + parameters.bias
    assert parameters.score(text_buckets(text)) == pytest.approx(1 / (1 + np.exp(-total)))


def test_the_same_decisions_teach_the_same(synthetic_comments, model_parameters):
    known = [each for each in synthetic_comments if each.status in {Status.APPROVED, Status.SPAM}]
    again = train_model(feature_matrix(each.text for each in known), [each.status == Status.SPAM for each in known])
    assert again == model_parameters[ScoreKind.SPAM]


def test_where_there_is_nothing_to_learn_every_text_scores_about_the_same():
    writer = CommentGenerator(seed=2)
    texts = [writer.text(Status.APPROVED) for _ in range(240)]
    parameters = train_model(feature_matrix(texts[:200]), [number % 4 == 0 for number in range(200)])
    scores = [parameters.score(text_buckets(text)) for text in texts[200:]]
    assert max(scores) - min(scores) < 0.2
    assert max(scores) < 0.5


def test_from_next_to_nothing_nothing_is_learnt():
    with pytest.raises(TooFewExamples):
        train_model(feature_matrix(["one", "two", "three"] * 8), [True] * 5 + [False] * 19)


def test_an_empty_text_is_a_row_like_any_other():
    assert feature_matrix(["", "words"]).shape[0] == 2
    assert feature_matrix([]).shape[0] == 0
