import contextlib
from datetime import timedelta
import time

from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from articles.search import query as search
from articles.search.excerpts import excerpt, highlight
from articles.text import strip_control_chars
from newsite.pages import search as search_module
from tests.conftest import make_article
from tests.newsite.test_hostile_text import HOSTILE
from tests.support.html import Page


def ask(question, **query):
    return Client().get("/search/", {"q": question, **query})


def test_the_page_has_a_labelled_field_and_asks_for_nothing_yet(db):
    response = Client().get("/search/")
    assert response.status_code == 200
    assert '<label for="q">' in response.text
    assert "No results for" not in response.text


def test_what_is_found_is_shown_with_the_words_marked(db):
    body = f"<p>{'Before it. ' * 40}The café by the <em>quay</em> &amp; the bridge.{' After it.' * 40}</p>"
    article = make_article(headline="Café closes", body=body)
    page = ask("cafe quay").text
    assert f'href="{article.get_absolute_url()}"' in page
    assert "<mark>Café</mark> closes" in page
    assert "The <mark>café</mark> by the <mark>quay</mark> &amp; the bridge." in page
    assert "1 article<" in page


def test_nothing_found_is_said_and_the_words_are_kept(article):
    page = ask("nowhere").text
    assert "No results for" in page
    assert 'value="nowhere"' in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_in_the_field_in_headlines_and_in_excerpts(db, text):
    clean = strip_control_chars(text)
    make_article(headline=f"herring {clean}", standfirst=f"{clean} herring", body="")
    for question in (text.replace("\x00", ""), f"herring {clean[:50]}", "herring"):
        response = ask(question)
        assert response.status_code in {200, 422}
        assert not Page(response.text).has_executable_content()
        assert strip_control_chars(response.text) == response.text
    assert " ".join(f"herring {clean}".split()) in Page(response.text).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>herring</b>", "&lt;b&gt;<mark>herring</mark>&lt;/b&gt;"),
        ("&lt;herring", "&amp;lt;<mark>herring</mark>"),
        ("none", "none"),
    ],
)
def test_what_surrounds_a_mark_is_escaped(text, expected):
    assert highlight(text, {"herring"}) == expected
    assert excerpt(text, {"herring"}) == expected


def test_an_excerpt_is_taken_where_most_of_the_words_are():
    text = "herring " + "x " * 100 + "herring and kipper " + "y " * 100
    shown = excerpt(text, {"herring", "kipper"})
    assert "<mark>herring</mark> and <mark>kipper</mark>" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_a_question_that_is_too_long_is_kept_with_the_reason(article):
    response = ask("a" * 201)
    assert response.status_code == 422
    assert "keep your search to 200 characters" in response.text
    assert f'value="{"a" * 201}"' in response.text
    assert "no-store" in response["Cache-Control"]


def test_a_question_without_a_word_is_told_so(article):
    response = ask("-- :*")
    assert response.status_code == 422
    assert "Please enter at least one word" in response.text


@pytest.mark.parametrize(
    "question",
    ["a " * 100, '"' * 200, "-" * 200, "(" * 200, "\\" * 200, "%" * 200, "a:* " * 50, "!a & " * 40, "a" * 1_000_000],
)
def test_any_question_is_answered_soon(article, question):
    started = time.perf_counter()
    assert ask(question).status_code in {200, 422}
    assert time.perf_counter() - started < 5


def test_a_nul_is_a_clear_answer(db):
    assert Client().get("/search/?q=%00").status_code == 400


@pytest.mark.parametrize("page", ["0", "-1", "x", "51", "9" * 30, "2", ""])
def test_a_page_that_cannot_be_is_not_found(article, page):
    assert ask("headline", page=page).status_code == 404


def test_further_pages_are_a_link_away(db):
    for number in range(search.PAGE_SIZE + 1):
        make_article(headline=f"Herring & chips {number}", published_at=timezone.now() - timedelta(days=number))
    first = ask("herring & chips").text
    assert f"{search.PAGE_SIZE + 1} articles<" in first
    assert 'href="/search/?q=herring%20%26%20chips&amp;page=2"' in first
    second = ask("herring & chips", page=2).text
    assert "chips</mark> 20" in second
    assert 'href="/search/?q=herring%20%26%20chips"' in second


def test_everyone_who_asks_the_same_gets_the_same_and_who_has_it_is_told_so(article, editor):
    client = Client()
    client.force_login(editor)
    one, two = client.get("/search/?q=headline"), ask("headline")
    assert one.content == two.content
    assert "Cookie" not in one.get("Vary", "")
    assert one["Cache-Control"].startswith("public")
    again = Client().get("/search/?q=headline", headers={"If-None-Match": one["ETag"]})
    assert again.status_code == 304
    article.save()
    assert Client().get("/search/?q=headline", headers={"If-None-Match": one["ETag"]}).status_code == 200


def test_as_many_queries_for_twenty_as_for_one(article):
    ask("headline")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            ask("headline")
        counts.append(len(queries))
        for _ in range(19):
            make_article()
    assert counts[0] == counts[1] <= 10


def test_a_search_that_takes_too_long_is_given_up(article, monkeypatch):
    def too_long(*_args, **_kwargs):
        raise search.SearchTimeout

    monkeypatch.setattr(search_module, "search_articles", too_long)
    response = ask("headline")
    assert response.status_code == 422
    assert "search took too long" in response.text
    assert 'value="headline"' in response.text


def test_searches_leave_threads_to_all_else_and_who_comes_meanwhile_is_told_so(article, monkeypatch):
    monkeypatch.setattr(search, "SLOT_TIMEOUT_SECONDS", 0)
    with contextlib.ExitStack() as taken:
        for _ in range(search.MAX_CONCURRENT_SEARCHES):
            taken.enter_context(search._search_slot())
        response = ask("headline")
        assert response.status_code == 429
        assert response["Retry-After"] == "10"
        assert "Search is busy right now." in response.text
        assert 'value="headline"' in response.text
        assert Client().get(article.get_absolute_url()).status_code == 200
    assert ask("headline").status_code == 200


def test_a_search_that_fails_gives_its_turn_back(article, monkeypatch):
    monkeypatch.setattr(search, "_newest", _breaks)
    monkeypatch.setattr(search, "_ranked", _breaks)
    for _ in range(search.MAX_CONCURRENT_SEARCHES + 1):
        with pytest.raises(ZeroDivisionError):
            ask("headline")


def _breaks(_terms):
    raise ZeroDivisionError


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's clock")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_postgresql_gives_up_by_itself(monkeypatch):
    monkeypatch.setattr(search, "QUERY_TIMEOUT_SECONDS", 0.05)
    with pytest.raises(search.SearchTimeout), search._statement_timeout(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    with pytest.raises(OperationalError, match="another"), search._statement_timeout():
        raise OperationalError("another")


def test_every_page_leads_to_the_search(article):
    page = Client().get("/").text
    assert 'action="/search/"' in page
    assert 'href="/search/"' in page


def test_what_is_over_drops_out_at_its_second(db):
    article = make_article(headline="Herring", unpublish_at=timezone.now() + timedelta(hours=1))
    assert "<mark>Herring</mark>" in ask("herring").text
    type(article).objects.update(unpublish_at=timezone.now())
    assert "No results for" in ask("herring").text
