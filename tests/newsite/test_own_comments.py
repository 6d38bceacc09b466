from datetime import timedelta
import re

from django.test import Client
from django.utils import timezone
import pytest

from comments.identity import DEVICE_COOKIE
from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_article, make_comment, send, trusted_client

YOURS = "/comments/yours/"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def author(article):
    """Return the client of a reader with a pending comment."""
    client = Client()
    send(client, article, comment="My own words.")
    return client


def withdraw(client, comment, headers=SAME_ORIGIN):
    return client.post(f"/comments/{comment.pk}/withdraw/", headers=headers)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.PENDING, "Awaiting approval. Only you can see this comment."),
        (Status.SPAM, "Awaiting approval. Only you can see this comment."),
        (Status.APPROVED, "Published."),
        (Status.REJECTED, "Not published."),
        (Status.WITHDRAWN, "You deleted it."),
    ],
)
def test_ones_own_comments_are_listed_with_their_state(author, moderator, status, said):
    if status != Status.PENDING:
        decide(Comment.objects.get(), status, actor=moderator)
    page = author.get(YOURS)
    assert "My own words." in page.text
    assert said in page.text
    assert "no-store" in page["Cache-Control"]


def test_nobody_elses_are(author, article):
    make_comment(article, text="imported, of no device", device="")
    for stranger in (Client(), trusted_client(make_article())):
        page = stranger.get(YOURS).text
        assert "My own words." not in page
        assert "imported" not in page


def test_an_author_withdraws(author, article, moderator):
    decide(Comment.objects.get(), Status.APPROVED, actor=moderator)
    assert "Delete this comment?" in author.get(f"/comments/{Comment.objects.get().pk}/withdraw/").text
    response = withdraw(author, Comment.objects.get())
    assert response.status_code == 303
    assert "You deleted it." in author.get(response["Location"]).text
    assert "My own words." not in Client().get(article.get_absolute_url()).text
    decision = Comment.objects.get().decisions.last()
    assert (decision.to_status, decision.actor, decision.actor_name()) == (Status.WITHDRAWN, None, "the author")
    assert withdraw(author, Comment.objects.get()).status_code == 303


@pytest.mark.parametrize("cookie", [None, "forged", "abc:def"])
def test_with_a_forged_or_foreign_cookie_there_is_nothing(author, article, cookie):
    imported = make_comment(article, device="")
    stranger = trusted_client(make_article())
    if cookie:
        stranger.cookies[DEVICE_COOKIE] = cookie
    for comment in (Comment.objects.get(text="My own words."), imported):
        for client in (stranger, Client()):
            assert withdraw(client, comment).status_code == 404
            assert client.get(f"/comments/{comment.pk}/withdraw/").status_code == 404
    assert not Comment.objects.filter(status=Status.WITHDRAWN).exists()


def test_looking_and_other_sites_withdraw_nothing(author):
    comment = Comment.objects.get()
    author.get(f"/comments/{comment.pk}/withdraw/")
    assert withdraw(author, comment, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert Comment.objects.get().status == Status.PENDING


def test_on_their_article_an_authors_own_comments_can_be_withdrawn_and_only_those(author, article):
    other = make_comment(article)
    page = author.get(f"{article.get_absolute_url()}yours/").text
    assert f"/comments/{Comment.objects.get(text='My own words.').pk}/withdraw/" in page
    assert f"/comments/{other.pk}/withdraw/" not in page
    assert "withdraw" not in Client().get(article.get_absolute_url()).text


def test_the_list_goes_on_page_after_page(article):
    client = trusted_client(make_article())
    device = client.cookies["device"].value.partition(":")[0]
    at = timezone.now() - timedelta(days=3)
    for n in range(150):
        make_comment(article, device=device, text=f"Number {n}.", created_at=at + timedelta(minutes=n // 7))
    seen, address = [], "/comments/yours/"
    while address:
        page = client.get(address).text
        seen += re.findall(r"Number (\d+)\.", page)
        more = re.search(r'href="(\?after=\d+)"', page)
        address = more and f"/comments/yours/{more[1]}"
    assert sorted(map(int, seen)) == list(range(150))
    assert client.get("/comments/yours/?after=x").status_code == 404
    stranger = make_comment(article)
    assert client.get(f"/comments/yours/?after={stranger.pk}").status_code == 404
