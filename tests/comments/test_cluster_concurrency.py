"""Concurrent posts to one cluster while moderators decide on it, through real connections."""

from functools import partial

from django.test import Client
import pytest

from comments.models import Cluster, Comment, Conversation
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.undo import undo
from comments.queue.queues import Queue
from comments.statuses import Status
from tests.comments.test_clusters import SAID, check, post
from tests.comments.test_concurrency import at_once
from tests.conftest import make_article, make_user, send

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def say_it(articles, number):
    for each in range(3):
        said = SAID.format(f"{number} {each}")
        answer = send(Client(), articles[(number + each) % 3], comment=said, address=f"198.51.{number}.7")
        assert answer.status_code == 303


def test_at_one_instant_it_is_one_row():
    articles = [make_article() for _ in range(3)]
    at_once([partial(say_it, articles, number) for number in range(12)])
    assert Comment.objects.count() == 36
    assert Queue.PENDING.rows().count() == 1
    check()


def test_decided_on_while_it_goes_on_nothing_is_lost_or_counted_twice():
    articles = [make_article() for _ in range(3)]
    for number in range(6):
        post(articles[number % 3], number)
    users = [make_user(f"moderator-{number}", "Moderators") for number in range(3)]
    moves = [Status.APPROVED, Status.REJECTED, Status.SPAM]

    def decide_on_all(user, move, order):
        for comment in Comment.objects.filter(status=Status.PENDING).order_by(order):
            try:
                decide(comment, move, actor=user)
                if comment.pk % 3 == 0:
                    undo(comment, actor=user)
            except InvalidTransition:
                pass

    moderators = [partial(decide_on_all, *how) for how in zip(users, moves, ["pk", "-pk", "created_at"], strict=True)]
    at_once([*moderators, *[partial(say_it, articles, number) for number in range(4)]])
    assert Comment.objects.count() == 18
    assert Cluster.objects.count() == 1
    check()
    counts = Conversation.objects.values_list("public_count", flat=True)
    assert sum(counts) == Comment.objects.approved().count()
