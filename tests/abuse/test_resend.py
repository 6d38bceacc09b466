"""A comment that is sent twice is one comment, and knowing its words opens nothing else of its author's."""

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.identity import DEVICE_COOKIE
from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from comments.submission.receipts import COOKIE as RECEIPT
from tests.conftest import make_article, send
from tests.support.notifications import create_subscription

KEY, ANOTHER_KEY = "0123456789abcdef" * 2, "fedcba9876543210" * 2
RECEIVED = "We’ve received your comment. It’s awaiting approval."


def device_of(client):
    return client.cookies[DEVICE_COOKIE].value.partition(":")[0] if DEVICE_COOKIE in client.cookies else None


@pytest.fixture
def other(article):
    return make_article()


@pytest.fixture
def author(article, other):
    """Return the client of a reader who has sent two comments from a school's network and subscribed to emails."""
    client = Client()
    send(client, article, comment="I saw it happen.", idempotency_key=KEY)
    send(client, other, comment="Something private.", idempotency_key=ANOTHER_KEY)
    create_subscription(device_of(client), "ada@example.org")
    return client


@pytest.mark.parametrize("fields", [{}, {"idempotency_key": ANOTHER_KEY}, {"idempotency_key": KEY[:-1]}])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_neighbour_who_sends_the_same_words_gets_no_device_and_reaches_nothing(
    article, other, author, fields, headers
):
    thief = Client()
    headers = {"Sec-Fetch-Site": "same-origin", **headers}
    response = send(thief, article, comment="I saw it happen.", headers=headers, **fields)
    assert response.status_code in {200, 303}
    assert device_of(thief) is None
    mine, theirs = Comment.objects.order_by("pk")
    yours = thief.get(f"{article.get_absolute_url()}yours/").text
    for page in (yours, thief.get("/comments/yours/").text, thief.get(f"{other.get_absolute_url()}yours/").text):
        assert "Something private." not in page
        assert "example.org" not in page
    assert thief.get("/letters/").status_code == 404
    for comment in (mine, theirs):
        for page in ("edit", "withdraw"):
            address = f"/comments/{comment.pk}/{page}/"
            assert thief.get(address).status_code == 404
            answer = thief.post(address, {"comment": "Mine now."}, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code == 404
    assert set(Comment.objects.values_list("text", "status")) == {
        ("I saw it happen.", Status.PENDING),
        ("Something private.", Status.PENDING),
    }


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_double_click_without_javascript_is_one_comment_that_its_author_sees(article, headers):
    headers = {"Sec-Fetch-Site": "same-origin", **headers}
    send(Client(), article, comment="I saw <b>it</b> happen.", headers=headers)
    second = Client()  # the browser dropped the first response with its cookie, for the second one
    response = send(second, article, comment="I saw <b>it</b> happen.", headers=headers)
    comment = Comment.objects.get()
    if response.status_code == 303:
        assert response["Location"] == f"{article.get_absolute_url()}yours/#comment-{comment.pk}"
        response = second.get(response["Location"])
    for page in (response.text, second.get(f"{article.get_absolute_url()}yours/").text):
        assert RECEIVED in page
        assert page.count(f'id="comment-{comment.pk}"') == 1
        assert "I saw &lt;b&gt;it&lt;/b&gt; happen." in page
        assert f"/comments/{comment.pk}/" not in page


def test_with_the_form_s_own_key_a_repeated_post_is_its_author_s(article, author):
    again = Client()
    send(again, article, comment="I saw it happen.", idempotency_key=KEY)
    assert Comment.objects.filter(article=article).count() == 1
    assert device_of(again) == device_of(author)
    assert RECEIPT not in again.cookies


def test_the_key_proves_it_after_publication_too(article, author, moderator):
    decide(Comment.objects.get(article=article), Status.APPROVED, actor=moderator)
    again = Client()
    send(again, article, comment="I saw it happen.", idempotency_key=KEY)
    assert device_of(again) == device_of(author)


def test_the_key_of_one_comment_proves_nothing_for_another(article, author):
    first = Client()
    send(first, article, comment="By another.", idempotency_key=ANOTHER_KEY)
    assert device_of(first) != device_of(author)
    thief = Client()
    send(thief, article, comment="By another.", idempotency_key=KEY)
    assert device_of(thief) is None


@pytest.mark.parametrize("weak", ["", "1", "0" * 31, "g" * 32, "0" * 64, "KEY"])
def test_a_key_that_could_be_guessed_counts_as_none(article, weak):
    send(Client(), article, idempotency_key=weak)
    again = Client()
    assert send(again, article, idempotency_key=weak).status_code == 303
    assert device_of(again) is None


def test_a_device_does_not_tell_its_key(article):
    client = Client()
    send(client, article, idempotency_key=KEY)
    send(Client(), make_article(), idempotency_key=KEY)
    devices = list(Comment.objects.values_list("device", flat=True))
    assert len({device[8:] for device in devices}) == 2
    assert KEY[:8] not in "".join(devices)


def test_a_receipt_is_for_one_page_and_ten_minutes(article, other, author):
    neighbour = Client()
    send(neighbour, article, comment="I saw it happen.")
    receipt = neighbour.cookies[RECEIPT]
    assert receipt["path"] == f"{article.get_absolute_url()}yours/"
    assert (receipt["httponly"], receipt["samesite"], receipt["max-age"]) == (True, "Lax", 600)
    assert RECEIVED not in neighbour.get(f"{other.get_absolute_url()}yours/").text
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        neighbour.cookies[RECEIPT] = receipt.value
        assert RECEIVED not in neighbour.get(f"{article.get_absolute_url()}yours/").text
    neighbour.cookies[RECEIPT] = f"{Comment.objects.get(article=other).pk}:forged:forged"
    assert RECEIVED not in neighbour.get(f"{article.get_absolute_url()}yours/").text


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED, Status.WITHDRAWN])
def test_what_was_decided_no_receipt_tells(article, author, moderator, status):
    neighbour = Client()
    send(neighbour, article, comment="I saw it happen.")
    comment = Comment.objects.get(article=article)
    decide(comment, status, actor=None if status == Status.WITHDRAWN else moderator, author_message="Because of you.")
    page = neighbour.get(f"{article.get_absolute_url()}yours/").text
    assert RECEIVED not in page
    assert "Because of you." not in page
    assert ("I saw it happen." in page) == (status == Status.APPROVED)


def test_the_public_page_has_no_key_and_no_cookie(article):
    response = Client().get(article.get_absolute_url())
    assert '<input type="hidden" name="idempotency_key" id="write_idempotency_key">' in response.text
    assert not response.cookies


def test_a_refused_form_keeps_its_key(article):
    page = send(Client(), article, name="", idempotency_key=KEY).text
    assert f'name="idempotency_key" value="{KEY}"' in page


def test_the_receipt_is_as_secure_as_the_site(article, author, monkeypatch):
    monkeypatch.setattr(settings, "SESSION_COOKIE_SECURE", True)
    neighbour = Client()
    send(neighbour, article, comment="I saw it happen.")
    assert neighbour.cookies[RECEIPT]["secure"]
