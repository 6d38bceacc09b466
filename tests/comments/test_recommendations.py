from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments import rate_limits
from comments.identity import DEVICE_COOKIE
from comments.models import Comment, Conversation, Recommendation
from comments.moderation.decide import decide
from comments.readers.recommendations import MAX_COUNT_AGE, MAX_COUNTED_PER_NETWORK, MAX_STORED_PER_NETWORK
from comments.statuses import Status
from comments.threads.pages import Sort, conversation_page, parse_cursor
from newsite.pages import article as article_module
from tests.conftest import make_article, make_comment, send, trusted_client

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def click(client, comment, *, address="127.0.0.1", headers=SAME_ORIGIN, **fields):
    return client.post(f"/comments/{comment.pk}/recommend/", fields, headers=headers, REMOTE_ADDR=address)


def number(comment):
    return Comment.objects.get(pk=comment.pk).recommendations


def test_one_click_recommends_once_a_device(article):
    comment, client = make_comment(article), Client()
    response = click(client, comment)
    assert response.status_code == 303
    assert client.cookies[DEVICE_COOKIE].value
    click(client, comment)
    assert number(comment) == 1
    assert "You’ve recommended this comment" in client.get(response["Location"]).text


def test_it_can_be_taken_back(article):
    comment, client = make_comment(article), Client()
    click(client, comment)
    click(client, comment, take_back="1")
    click(client, comment, take_back="1")
    assert number(comment) == 0
    click(client, comment)
    assert number(comment) == 1


def test_nobody_recommends_their_own(article):
    client = trusted_client(make_article())
    send(client, article)
    own = Comment.objects.latest("pk")
    response = click(client, own)
    assert number(own) == 0
    assert response.status_code == 422
    assert "You can’t recommend your own comment" in response.text


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN])
def test_what_is_hidden_cannot_be_recommended(article, status):
    hidden = make_comment(article, status=status)
    missing = Comment(pk=999_999_999)
    assert click(Client(), hidden).status_code == click(Client(), missing).status_code == 404
    assert not Recommendation.objects.exists()


def test_a_network_has_few_voices(article):
    comment = make_comment(article)
    for _ in range(MAX_COUNTED_PER_NETWORK + 3):
        click(Client(), comment, address="198.51.100.7")
    assert number(comment) == MAX_COUNTED_PER_NETWORK
    click(Client(), comment, address="203.0.113.7")
    assert number(comment) == MAX_COUNTED_PER_NETWORK + 1


def test_a_click_from_another_site_does_not_count(article):
    comment = make_comment(article)
    assert click(Client(), comment, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert number(comment) == 0


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_recommends_nothing(article, method):
    comment, client = make_comment(article), Client()
    response = getattr(client, method)(f"/comments/{comment.pk}/recommend/")
    assert "no-store" in response["Cache-Control"]
    assert DEVICE_COOKIE not in client.cookies
    assert number(comment) == 0


def test_the_public_number_lags_by_seconds_and_then_is_right(article, monkeypatch):
    monkeypatch.setattr(article_module, "time_slot", lambda _pk: 0)  # related articles also depend on the time
    comment = make_comment(article)
    start = timezone.now() + timedelta(minutes=1)
    address = article.get_absolute_url()
    with time_machine.travel(start, tick=False):
        click(Client(), comment)
        assert _shown(address) == 1
        click(Client(), comment)
    with time_machine.travel(start + MAX_COUNT_AGE + timedelta(seconds=1), tick=False):
        assert _shown(address) == 2
    with time_machine.travel(start + timedelta(days=1), tick=False):
        etag = Client().get(address)["ETag"]
    with time_machine.travel(start + timedelta(days=2), tick=False):
        assert Client().get(address)["ETag"] == etag


def _shown(address):
    return int(Client().get(address).text.partition('class="recommendations">')[2].partition("<")[0] or 0)


def test_most_recommended_first_page_after_page(article):
    for count in range(45):
        comment = make_comment(article, text=str(count))
        Comment.objects.filter(pk=comment.pk).update(recommendations=count // 2)
    seen, after = [], None
    while True:
        page = conversation_page(article.pk, sort=Sort.RECOMMENDED, after=after)
        seen += [thread.opening.text for thread in page.threads]
        if page.next is None:
            break
        after = parse_cursor(str(page.next), Sort.RECOMMENDED)
    assert seen == [str(count) for count in reversed(range(45))]


def test_a_recommendation_outlives_a_hold(article, moderator):
    comment = make_comment(article)
    click(Client(), comment)
    decide(Comment.objects.get(), Status.PENDING, actor=moderator)
    decide(Comment.objects.get(), Status.APPROVED, actor=moderator)
    assert number(comment) == 1
    assert Conversation.objects.get().recommended_at


def test_who_comes_without_a_cookie_cannot_fill_the_table(article):
    comment = make_comment(article)
    answers = [click(Client(), comment).status_code for _ in range(MAX_STORED_PER_NETWORK + 3)]
    assert set(answers[:MAX_STORED_PER_NETWORK]) == {303}
    assert set(answers[MAX_STORED_PER_NETWORK:]) == {422}
    assert Recommendation.objects.count() == MAX_STORED_PER_NETWORK
    assert number(comment) == MAX_COUNTED_PER_NETWORK


def test_a_device_that_recommends_everything_must_wait(article):
    client = trusted_client(make_article())
    answers = [click(client, make_comment(article)) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert "Please wait a minute" in answers[-1].text


def test_a_network_of_very_many_clicks_must_wait_and_no_other(article, monkeypatch):
    monkeypatch.setattr(rate_limits, "NETWORK_FORMS_PER_MINUTE", 3)
    comments = [make_comment(article) for _ in range(4)]
    answers = [click(Client(), comment, address="192.0.2.7").status_code for comment in comments]
    assert answers == [303] * 3 + [429]
    assert click(Client(), comments[3], address="198.51.100.7").status_code == 303


def test_when_a_voice_is_taken_back_another_of_its_network_counts(article):
    comment, clients = make_comment(article), [Client() for _ in range(MAX_COUNTED_PER_NETWORK + 2)]
    for client in clients:
        click(client, comment)
    click(clients[0], comment, take_back="1")
    assert number(comment) == MAX_COUNTED_PER_NETWORK
    for client in clients[1:]:
        click(client, comment, take_back="1")
    assert number(comment) == 0
