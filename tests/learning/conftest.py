"""What was decided about comments that nobody wrote."""

from collections.abc import Callable
from datetime import datetime, timedelta
import itertools
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
import pytest

from articles.models import Article
from comments.classifier.scores import Kind
from comments.classifier.train import learn, matrix
from comments.classifier.weights import Parameters
from comments.models import Comment, Decision, Lesson
from comments.statuses import Status
from comments.submission.collect_facts import hash_of
from tests.conftest import make_article, make_user
from tests.synthetic import Decided, Writer


@pytest.fixture(scope="session")
def synthetic() -> list[Decided]:
    return list(Writer().decided(1_000))


@pytest.fixture(scope="session")
def learnt(synthetic: list[Decided]) -> dict[Kind, Parameters]:
    """What is learnt from those."""
    put_away = {Kind.SPAM: Status.SPAM, Kind.REJECTED: Status.REJECTED}
    found = {}
    for kind, status in put_away.items():
        known = [each for each in synthetic if each.status in {Status.APPROVED, status}]
        found[kind] = learn(matrix(each.text for each in known), [each.status == status for each in known])
    return found


def keep_lessons(learnt: dict[Kind, Parameters], **fields: Any) -> list[Lesson]:
    lessons = []
    for kind, parameters in learnt.items():
        lesson = Lesson(kind=kind, **{"approved": 1000, "put_away": 100, **fields})
        lesson.keep(parameters)
        lesson.save()
        lessons.append(lesson)
    return lessons


@pytest.fixture
def lessons(db: None, learnt: dict[Kind, Parameters]) -> list[Lesson]:
    return keep_lessons(learnt)


@pytest.fixture
def decided(db: None) -> Callable[[list[Decided]], list[Comment]]:
    """Stores comments that a moderator has decided about, a minute apart."""
    article, moderator = make_article(), make_user("decides", "Moderators")
    minutes = itertools.count()
    start = timezone.now() - timedelta(days=10)

    def store(what: list[Decided]) -> list[Comment]:
        times = [start + timedelta(minutes=next(minutes)) for _ in what]
        return store_decided(what, times, article=article, by=moderator)

    return store


def store_decided(what: list[Decided], times: list[datetime], *, article: Article, by: User) -> list[Comment]:
    comments = Comment.objects.bulk_create(
        Comment(article=article, name="Ada", text=text, text_hash=hash_of(text), status=status, looked_at=at)
        for (text, status), at in zip(what, times, strict=True)
    )
    Decision.objects.bulk_create(
        Decision(comment=comment, was=Status.HELD, now=comment.status, by=by, at=at)
        for comment, at in zip(comments, times, strict=True)
    )
    return comments
