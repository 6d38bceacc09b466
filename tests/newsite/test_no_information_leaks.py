"""Information leaks: no response contains hidden text, or the identifiers of readers."""

from datetime import timedelta
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from comments.identity import hash_network
from comments.models import Note, Recommendation, Report
from comments.moderation.decide import decide
from comments.statuses import Cause, Status
from tests.conftest import client_of, make_article, make_comment
from tests.support.notifications import create_subscription

DEVICE = f"{int(timezone.now().timestamp()):08x}{'ab' * 12}"
NETWORK = hash_network("203.0.113.9")
ADDRESS = "zuleika@judas.example"
HIDDEN = [Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN]


@pytest.fixture
def article(db, moderator):
    """Create an article with a public comment with all kinds of related data, and a comment in each hidden state."""
    article = make_article(headline="Herrings")
    public = make_comment(article, text="Publicquux", device=DEVICE, network=NETWORK, spam_score=0.123456)
    public.decisions.update(reason="Reasonquux", findings=[{"rule": "x.y", "outcome": "hold", "detail": "Findingquux"}])
    Note.objects.create(comment=public, actor=moderator, text="Notequux")
    Report.objects.create(
        comment=public, device=DEVICE[::-1], network=NETWORK, complaint="other", note="Reportquux", is_counted=True
    )
    Recommendation.objects.create(comment=public, device=DEVICE[::-1], network=NETWORK, is_counted=True)
    create_subscription(DEVICE, ADDRESS)
    for status in HIDDEN:
        fields = {"text": f"Hiddenquux {status.name}", "name": "Hiddenquux", "device": DEVICE, "network": NETWORK}
        hidden = make_comment(article, status=Status.PENDING, **fields)
        if status == Status.WITHDRAWN:
            decide(hidden, status, actor=None, cause=Cause.WITHDRAWN)
        elif status != Status.PENDING:
            decide(hidden, status, actor=moderator, reason="Reasonquux", author_message="Toldquux")
    make_article(headline="Draftquux", published_at=None)
    make_article(headline="Laterquux", published_at=timezone.now() + timedelta(days=1))
    return article


SECRETS = [DEVICE, DEVICE[::-1], NETWORK, ADDRESS, "judas.example", "203.0.113", "0.123456"]
WORDS = ["Hiddenquux", "Reasonquux", "Findingquux", "Notequux", "Reportquux", "Toldquux", "Draftquux", "Laterquux"]


def addresses(article):
    url = article.get_absolute_url()
    pks = article.comments.values_list("pk", flat=True)
    return [
        *("/", url, f"{url}?sort=oldest", f"{url}yours/", f"{url}feed/", f"{url}comments/published/"),
        *(f"{url}comments/mine/", "/comments/feed/", "/feed/", "/feed/atom/", "/section/town/", "/section/town/feed/"),
        *("/sitemap.xml", "/sitemap/articles-1.xml", "/news-sitemap.xml", "/robots.txt", "/corrections/"),
        *("/comments/yours/", "/letters/", "/search/", "/nothing/here/", "/search/?q=herrings"),
        *(f"/comments/{pk}/{page}" for pk in pks for page in ("", "edit/", "report/", "recommend/", "withdraw/")),
    ]


def said(response):
    """Return the response with its headers: ETag, cookies, redirects."""
    return f"{response.headers} {response.cookies} {response.content.decode()}"


def test_what_is_hidden_and_whom_we_know_stand_on_no_public_page(article):
    for address in addresses(article):
        response = Client().get(address)
        assert response.status_code in {200, 302, 301, 404}, address
        for secret in SECRETS + WORDS:
            assert secret not in said(response), (secret, address)


def test_a_search_finds_nothing_that_is_hidden(article):
    for word in WORDS:
        assert "No results for" in Client().get(f"/search/?q={word}").text, word
    assert "1 article" in Client().get("/search/?q=herrings").text


def test_an_author_sees_their_own_words_and_nothing_of_how_they_are_known_or_judged(article):
    own = client_of(DEVICE)
    assert "Hiddenquux PENDING" in own.get(f"{article.get_absolute_url()}yours/").text
    for address in addresses(article):
        response = own.get(address)
        for secret in [*SECRETS[:3], "203.0.113", "0.123456", ADDRESS, *WORDS[1:5]]:
            assert secret not in said(response), (secret, address)


def test_counts_are_of_what_is_public(article):
    url = article.get_absolute_url()
    page = Client().get(url).text
    assert re.search(r'id="conversation-headline">1 comment\b', page)
    assert len(re.findall(r'id="comment-\d+"', page)) == 1
    assert Client().get(f"{url}comments/published/").text == "1"


@pytest.mark.parametrize("ending", ["", "report/", "recommend/", "edit/", "withdraw/"])
def test_a_hidden_comment_is_answered_as_one_that_never_was(article, ending):
    """Same response and same number of queries."""
    answers = set()
    hidden = list(article.comments.exclude(status=Status.APPROVED).values_list("pk", flat=True))
    for pk in [*hidden, max(hidden) + 1]:
        for ask in (Client().get, Client().post):
            Client().get("/nothing/here/")  # fill the caches first
            with CaptureQueriesContext(
                connection,
            ) as queries:
                response = ask(f"/comments/{pk}/{ending}", headers={"Sec-Fetch-Site": "same-origin"})
            del response["Expires"]
            text = said(response).replace(f"/comments/{pk}/", "/comments/PK/")
            shapes = tuple(re.sub(r"\d+", "N", query["sql"]) for query in queries)
            answers.add((ask.__name__, response.status_code, text, shapes))
    assert len(answers) == 2
    assert {status for _name, status, _text, _queries in answers} <= {404, 405}


def test_a_draft_is_answered_as_what_never_was(article):
    draft = make_article(headline="Draftquux again", published_at=timezone.now() + timedelta(hours=1))
    there, not_there = (Client().get(address) for address in (draft.get_absolute_url(), "/2020/01/01/never/"))
    assert (there.status_code, there.text) == (not_there.status_code, not_there.text)
