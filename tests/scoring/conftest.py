"""What was decided about comments that nobody wrote."""

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
from tests.support.synthetic_comments import Decided, Writer


@pytest.fixture(scope="session")
def synthetic() -> list[Decided]:
    return list(Writer().decided(1_000))


@pytest.fixture(scope="session")
def learnt(synthetic: list[Decided]) -> dict[ScoreKind, ModelParameters]:
    """What is learnt from those."""
    put_away = {ScoreKind.SPAM: Status.SPAM, ScoreKind.REJECTED: Status.REJECTED}
    found = {}
    for kind, status in put_away.items():
        known = [each for each in synthetic if each.status in {Status.APPROVED, status}]
        found[kind] = train_model(
            feature_matrix(each.text for each in known), [each.status == status for each in known]
        )
    return found


def store_scoring_models(learnt: dict[ScoreKind, ModelParameters], **fields: Any) -> list[ScoringModel]:
    lessons = []
    for kind, parameters in learnt.items():
        lesson = ScoringModel(kind=kind, **{"negative_count": 1000, "positive_count": 100, **fields})
        lesson.set_parameters(parameters)
        lesson.save()
        lessons.append(lesson)
    return lessons


@pytest.fixture
def lessons(db: None, learnt: dict[ScoreKind, ModelParameters]) -> list[ScoringModel]:
    return store_scoring_models(learnt)


@pytest.fixture
def decided(db: None) -> Callable[[list[Decided]], list[Comment]]:
    """Stores comments that a moderator has decided about, a minute apart."""
    article, moderator = make_article(), make_user("decides", "Moderators")
    minutes = itertools.count()
    start = timezone.now() - timedelta(days=10)

    def store(what: list[Decided]) -> list[Comment]:
        times = [start + timedelta(minutes=next(minutes)) for _ in what]
        return store_decided(what, times, article=article, actor=moderator)

    return store


def store_decided(what: list[Decided], times: list[datetime], *, article: Article, actor: User) -> list[Comment]:
    comments = Comment.objects.bulk_create(
        Comment(article=article, name="Ada", text=text, text_hash=hash_text(text), status=status, reviewed_at=at)
        for (text, status), at in zip(what, times, strict=True)
    )
    Decision.objects.bulk_create(
        Decision(comment=comment, from_status=Status.PENDING, to_status=comment.status, actor=actor, at=at)
        for comment, at in zip(comments, times, strict=True)
    )
    return comments
