"""Fixtures for the scoring: synthetic comments with decisions, and models trained on them."""

from collections.abc import Callable
from datetime import datetime, timedelta
import itertools
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
import pytest

from articles.models import Article
from comments.classifier.scores import ScoreKind
from comments.classifier.train import feature_matrix, train_model
from comments.classifier.weights import ModelParameters
from comments.models import Comment, Decision, ScoringModel
from comments.statuses import Status
from comments.submission.collect_facts import hash_text
from tests.conftest import make_article, make_user
from tests.support.synthetic_comments import CommentGenerator, LabelledComment


@pytest.fixture(scope="session")
def synthetic_comments() -> list[LabelledComment]:
    return list(CommentGenerator().labelled_comments(1_000))


@pytest.fixture(scope="session")
def model_parameters(synthetic_comments: list[LabelledComment]) -> dict[ScoreKind, ModelParameters]:
    """Train both models on the synthetic comments."""
    target_statuses = {ScoreKind.SPAM: Status.SPAM, ScoreKind.REJECTED: Status.REJECTED}
    parameters = {}
    for kind, status in target_statuses.items():
        labelled = [each for each in synthetic_comments if each.status in {Status.APPROVED, status}]
        parameters[kind] = train_model(
            feature_matrix(each.text for each in labelled), [each.status == status for each in labelled]
        )
    return parameters


def store_scoring_models(model_parameters: dict[ScoreKind, ModelParameters], **fields: Any) -> list[ScoringModel]:
    scoring_models = []
    for kind, parameters in model_parameters.items():
        scoring_model = ScoringModel(kind=kind, **{"negative_count": 1000, "positive_count": 100, **fields})
        scoring_model.set_parameters(parameters)
        scoring_model.save()
        scoring_models.append(scoring_model)
    return scoring_models


@pytest.fixture
def scoring_models(db: None, model_parameters: dict[ScoreKind, ModelParameters]) -> list[ScoringModel]:
    return store_scoring_models(model_parameters)


@pytest.fixture
def store_labelled(db: None) -> Callable[[list[LabelledComment]], list[Comment]]:
    """Return a function that stores comments with decisions of a moderator, a minute apart."""
    article, moderator = make_article(), make_user("decides", "Moderators")
    minutes = itertools.count()
    start = timezone.now() - timedelta(days=10)

    def store(labelled: list[LabelledComment]) -> list[Comment]:
        times = [start + timedelta(minutes=next(minutes)) for _ in labelled]
        return store_decided(labelled, times, article=article, actor=moderator)

    return store


def store_decided(
    labelled: list[LabelledComment], times: list[datetime], *, article: Article, actor: User
) -> list[Comment]:
    comments = Comment.objects.bulk_create(
        Comment(article=article, name="Ada", text=text, text_hash=hash_text(text), status=status, reviewed_at=at)
        for (text, status), at in zip(labelled, times, strict=True)
    )
    Decision.objects.bulk_create(
        Decision(comment=comment, from_status=Status.PENDING, to_status=comment.status, actor=actor, at=at)
        for comment, at in zip(comments, times, strict=True)
    )
    return comments
