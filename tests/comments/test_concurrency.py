"""Concurrent requests through real connections. On SQLite the writers queue; on PostgreSQL they race."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
import threading

from django.db import connection
from django.test import Client
from django.utils import timezone
import pytest

from comments.identity import DEVICE_COOKIE
from comments.models import Comment, Conversation, Decision, Notification
from comments.moderation.decide import InvalidTransition, decide
from comments.statuses import Status
from tests.conftest import established_client, make_article, make_comment, make_user, send, trusted_client
from tests.support.notifications import create_subscription

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(tasks):
    """Run each function in its own thread, started at the same instant; return the results in order."""
    gate = threading.Barrier(len(tasks))

    def run(task):
        gate.wait(10)
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return [future.result(60) for future in [threads.submit(run, task) for task in tasks]]


def test_twenty_times_the_same_submission_is_one_comment():
    article = make_article()
    clients = [Client() for _ in range(20)]
    answers = at_once([lambda client=client: send(client, article, idempotency_key="ab" * 16) for client in clients])
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer["Location"] for answer in answers}) == 1
    assert Comment.objects.count() == 1
    assert Decision.objects.count() == 1
    assert len({client.cookies[DEVICE_COOKIE].value.partition(":")[0] for client in clients}) == 1


def test_twenty_times_the_same_from_a_trusted_device_counts_once():
    article = make_article()
    device = established_client().cookies
    clients = [Client() for _ in range(20)]
    for client in clients:
        client.cookies = device.copy()
    answers = at_once([lambda client=client: send(client, article) for client in clients])
    assert {answer.status_code for answer in answers} == {303}
    assert Comment.objects.filter(article=article).count() == 1
    assert Conversation.objects.get(article=article).public_count == 1


def test_twenty_different_first_comments_are_twenty():
    article = make_article()
    answers = at_once(
        [lambda n=n: send(Client(REMOTE_ADDR=f"10.0.{n}.1"), article, comment=f"number {n}") for n in range(20)]
    )
    assert {answer.status_code for answer in answers} == {303}
    assert Comment.objects.count() == 20


def test_of_eight_moderators_one_decides_fifty_times_over():
    article = make_article()
    Conversation.objects.create(article=article)
    users = [make_user(f"moderator-{n}", "Moderators") for n in range(8)]
    moves = [Status.APPROVED, Status.REJECTED, Status.SPAM, Status.APPROVED] * 2

    def attempt(pk, move, user, ready):
        comment = Comment.objects.get(pk=pk)
        ready.wait(10)
        try:
            decide(comment, move, actor=user)
        except InvalidTransition:
            return False
        return True

    for _ in range(50):
        comment = make_comment(article, status=Status.PENDING)
        read = threading.Barrier(8)  # each has read the comment before the first one decides
        won = at_once([partial(attempt, comment.pk, *pair, read) for pair in zip(moves, users, strict=True)])
        assert won.count(True) == 1
        assert comment.decisions.exclude(from_status=None).count() == 1
    assert Conversation.objects.get().public_count == Comment.objects.approved().count()


def test_fifty_clicks_at_once_are_counted_right():
    comment = make_comment(make_article())
    clients = [Client() for _ in range(50)]

    def click(number, client):
        headers = {"Sec-Fetch-Site": "same-origin"}
        address = f"198.51.{number % 20}.7"
        return client.post(f"/comments/{comment.pk}/recommend/", headers=headers, REMOTE_ADDR=address).status_code

    assert set(at_once([partial(click, number, client) for number, client in enumerate(clients)])) == {303}
    assert Comment.objects.get().recommendations == 50
    for client in clients:
        client.cookies = clients[0].cookies
    at_once([partial(click, 0, client) for client in clients])
    assert Comment.objects.get().recommendations == 50


def test_a_trusted_device_is_held_to_its_limit_also_at_one_instant():
    article = make_article()
    device = established_client().cookies
    clients = [Client() for _ in range(20)]
    for client in clients:
        client.cookies = device.copy()
    tasks = [partial(send, client, article, comment=f"number {n}") for n, client in enumerate(clients)]
    assert sorted(answer.status_code for answer in at_once(tasks)) == [303] * 5 + [429] * 15
    assert Comment.objects.filter(article=article).count() == 5


def test_readers_and_moderators_in_one_thread_do_not_wait_in_a_circle():
    article = make_article()
    Conversation.objects.create(article=article)
    moderator = make_user("moderator", "Moderators")
    devices = [established_client().cookies for _ in range(4)]

    def to_and_fro(pk):
        for status in [Status.APPROVED, Status.PENDING] * 4:
            try:
                decide(Comment.objects.get(pk=pk), status, actor=moderator)
            except InvalidTransition:  # another moderator was faster, or the comment has this status already
                continue

    def reply(cookies, number, opening):
        client = Client()
        client.cookies = cookies.copy()
        return send(client, article, comment=f"number {number}", parent=str(opening)).status_code

    def click(opening):
        return Client().post(f"/comments/{opening}/recommend/", headers={"Sec-Fetch-Site": "none"}).status_code

    for number in range(5):
        opening = make_comment(article)
        held = make_comment(article, parent=opening, status=Status.PENDING)
        replies = [partial(reply, cookies, number, opening.pk) for cookies in devices]
        clicks = [partial(click, opening.pk)] * 3
        answers = at_once([partial(to_and_fro, opening.pk), partial(to_and_fro, held.pk), *replies, *clicks])
        assert set(answers[2:]) <= {303, 404, 422}  # 404, 422: the comment was not public just then
    assert Conversation.objects.get(article=article).public_count == article.comments.approved().count()
    for comment in article.comments.all():
        children = article.comments.filter(parent=comment, is_visible=True).count()
        assert comment.visible_reply_count == children
        assert comment.is_visible == (comment.is_public() or children > 0)


def test_sending_again_after_ten_minutes_and_deciding_meet_in_no_circle():
    article = make_article()
    client, moderator = trusted_client(make_article()), make_user("moderator", "Moderators")

    def to_and_fro(pk):
        for status in [Status.PENDING, Status.APPROVED] * 4:
            decide(Comment.objects.get(pk=pk), status, actor=moderator)

    def again(text):
        again = Client()
        again.cookies = client.cookies.copy()
        return send(again, article, comment=text).status_code

    for number in range(8):
        send(client, article, comment=f"number {number}")
        comment = Comment.objects.latest("pk")
        long_ago = timezone.now() - timedelta(days=1)
        Comment.objects.update(created_at=long_ago)
        answers = at_once([partial(to_and_fro, comment.pk), partial(again, f"number {number}")])
        assert answers[1] == 303
        Comment.objects.update(created_at=long_ago)


def test_decisions_about_people_who_answer_each_other_do_not_wait_in_a_circle(settings):
    """Regression test for deadlocks: two articles, two subscribers, each of whom has replied to the other."""
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    moderators = [make_user("one", "Moderators"), make_user("two", "Moderators")]
    for device in ("ada", "bea"):
        create_subscription(device, f"{device}@example.org")
    articles = [make_article(), make_article()]
    openings = [make_comment(articles[0], device="ada"), make_comment(articles[1], device="bea")]
    for _round in range(15):
        replies = [
            make_comment(articles[0], device="bea", parent=openings[0], status=Status.PENDING),
            make_comment(articles[1], device="ada", parent=openings[1], status=Status.PENDING),
        ]
        at_once(
            [partial(decide, reply, Status.APPROVED, actor=by) for reply, by in zip(replies, moderators, strict=True)]
        )
    assert Notification.objects.count() == 15 * 4
