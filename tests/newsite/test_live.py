"""Background requests of an open page."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.identity import Reader
from comments.models import Comment
from comments.moderation.decide import decide
from comments.readers.recommendations import recommend
from comments.statuses import Status
from tests.conftest import client_of, make_article, make_comment, send, trusted_client


def published(client, article, **headers):
    return client.get(f"{article.get_absolute_url()}comments/published/", headers=headers)


def mine(client, article):
    return client.get(f"{article.get_absolute_url()}comments/mine/")


def test_the_number_rises_with_every_comment_that_becomes_public_and_never_falls(article, moderator):
    first = make_comment(article)
    assert published(Client(), article).text == "1"
    assert 'data-published="1"' in Client().get(article.get_absolute_url()).text
    decide(first, Status.REJECTED, actor=moderator)
    make_comment(article)
    make_comment(article, status=Status.PENDING)
    assert published(Client(), article).text == "2"


def test_what_was_public_before_is_nothing_new(article, moderator):
    comment = make_comment(article)
    decide(comment, Status.PENDING, actor=moderator)
    decide(comment, Status.APPROVED, actor=moderator)
    assert published(Client(), article).text == "1"
    waiting = make_comment(article, status=Status.PENDING)
    decide(waiting, Status.REJECTED, actor=moderator)
    decide(waiting, Status.APPROVED, actor=moderator)
    assert published(Client(), article).text == "2"


def test_a_cache_can_answer_and_nothing_new_is_304_for_one_query(article):
    make_comment(article)
    answer = published(Client(), article)
    assert answer["Cache-Control"] == "public, max-age=0, s-maxage=5"
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies
    assert answer["Content-Type"] == "text/plain"
    with CaptureQueriesContext(connection) as queries:
        again = published(Client(), article, if_none_match=answer["ETag"])
    assert (again.status_code, again.content, len(queries)) == (304, b"", 1)
    make_comment(article)
    assert published(Client(), article, if_none_match=answer["ETag"]).text == "2"


def test_an_article_that_is_not_public_has_no_number(db):
    article = make_article(published_at=None, slug="draft")
    assert Client().get("/2026/01/01/draft/comments/published/").status_code == 404
    assert article.pk


def test_ones_own_fragment_has_what_waits_what_can_be_edited_and_what_one_recommends(article):
    client = trusted_client(make_article())
    other, held = (
        make_comment(article, text="Theirs"),
        make_comment(article, status=Status.PENDING, text="Theirs, held"),
    )
    send(client, article, comment="Mine, public", parent=other.pk)
    send(client, article, comment="Mine, held: http://a.example http://b.example")
    client.post(f"/comments/{other.pk}/recommend/", headers={"Sec-Fetch-Site": "same-origin"})
    answer = mine(client, article)
    assert "private" in answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]
    page = answer.text
    assert page.count('<li class="comment') == 2
    assert page.index("Mine, public") < page.index("Mine, held")
    assert f'data-parent="{other.pk}"' in page
    assert "Only you can see this comment." in page
    assert page.count(">Edit</a>") == 2
    assert page.count("Recommended") == 1
    assert f'action="/comments/{other.pk}/recommend/"' in page
    assert "Theirs" not in page
    assert held.text not in page


def test_nobody_elses_fragment_holds_any_of_it(article):
    client = trusted_client(make_article())
    send(client, article, comment="Mine, held: http://a.example http://b.example")
    forged = Client()
    forged.cookies["device"] = client.cookies["device"].value + "x"
    for stranger in (Client(), forged, trusted_client(make_article())):
        assert "Mine" not in mine(stranger, article).text


def test_a_recommended_comment_that_is_hidden_is_not_in_the_fragment(article, moderator):
    comment = make_comment(article)
    device = recommend(comment.pk, Reader(None, "a network"))
    assert "Recommended" in mine(client_of(device), article).text
    decide(Comment.objects.get(), Status.REJECTED, actor=moderator)
    assert "Recommended" not in mine(client_of(device), article).text


def test_the_fragment_costs_a_fixed_number_of_queries(article):
    client = trusted_client(make_article())
    device = Comment.objects.latest("pk").device
    counts = []
    for _ in range(2):
        for _ in range(4):
            make_comment(article, device=device, parent=make_comment(article))
        with CaptureQueriesContext(connection) as queries:
            mine(client, article)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_scripts_see_that_there_is_a_device_but_not_which(article):
    client = Client()
    send(client, article)
    assert client.cookies["device"]["httponly"]
    assert (client.cookies["known"].value, client.cookies["known"]["httponly"]) == ("1", "")
