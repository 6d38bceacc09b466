"""Search gives the same results on both database engines."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
import pytest

from articles.models import Article, Author, Byline, SearchDocument, Tag
from articles.search.query import PAGE_SIZE, matching_words, parse_terms, search_articles
from tests.conftest import make_article


def found(question):
    terms = parse_terms(question)
    assert terms, question
    pks = [row[0] for row in search_articles(terms).articles]
    return [Article.objects.get(pk=pk).headline for pk in pks]


@pytest.fixture
def bridge(db):
    return make_article(
        headline="Swing bridge will open",
        standfirst="On the hour, says Ágnes Szélvári.",
        body="<h2>Boats</h2><p>The un<em>load</em>ing of herrings &amp; kippers in the Straße</p><p>last Tuesday.</p>",
    )


@pytest.mark.parametrize(
    "question",
    [
        "bridge",
        "BRIDGE",
        "swing bridge",
        "bridge swing",
        "herring",
        "unloading",
        "agnes szelvari",
        "Ágnes",
        "strasse",
        "STRASSE",
        '"swing bridge"',
        '"swing bridge',
        "swing-bridge",
        "bridge -tunnel",
        "bridge:*",
        "'bridge'",
        "bridge & !boat | (swing",
        "%bridge_",
        "\\bridge",
        'bridge "" - -"" :*',
        "bridge\x00\ud800",
    ],
)
def test_what_is_there_is_found(bridge, question):
    make_article(headline="Something else")
    assert found(question) == ["Swing bridge will open"]


@pytest.mark.parametrize(
    "question",
    [
        "ridge",
        "tunnel",
        "bridge tunnel",
        "bridge -swing",
        'bridge -"swing bridge"',
        '"bridge swing"',
        "em",
        "amp",
        "h2",
        "bridge OR tunnel",
        "1' OR '1'='1",
        "東京",
    ],
)
def test_what_is_not_there_is_not_found(bridge, question):
    assert found(question) == []


@pytest.mark.parametrize(
    ("question", "headlines"),
    [
        ("The Who", ["The Who"]),
        ('"the who"', ["The Who"]),
        ("who", ["WHO under no one", "The Who"]),
        ("WHO under", ["WHO under no one"]),
        ("under", ["WHO under no one"]),
        ("to be or not to be", ["To be or not to be"]),
        ('"to be or not to be"', ["To be or not to be"]),
        ('"not to be or"', []),
        ("who -the", ["WHO under no one"]),
        ("the -concert", ["To be or not to be"]),
        ("him", ["To be or not to be"]),
        ("who by", []),
        ("yourselves", []),
    ],
)
def test_words_that_a_language_leaves_out_are_found_where_nothing_else_is_asked_for(db, question, headlines):
    make_article(headline="The Who", standfirst="A concert.")
    make_article(headline="WHO under no one", published_at=timezone.now())
    make_article(headline="To be or not to be", standfirst="The question was put to him.")
    assert found(question) == headlines


def test_words_that_a_language_leaves_out_are_marked_where_nothing_else_is_asked_for(db):
    assert matching_words({"the", "who", "sang"}, parse_terms("The Who"), "english") == {"the", "who"}


@pytest.mark.parametrize("question", ["", " ", '"', '""', "-", "- - -", "-bridge", ":*", "%_", "\u200b", "!!!", "🙂"])
def test_without_a_word_there_is_nothing_to_look_for(question):
    assert parse_terms(question) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"published_at": None},
        {"published_at": timezone.now() + timedelta(hours=1)},
        {"unpublish_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_what_is_not_public_is_never_found(db, fields):
    make_article(headline="A secret bridge", **fields)
    assert found("bridge") == []


def test_a_change_is_found_at_once(bridge):
    bridge.headline = "Tunnel will close"
    bridge.save()
    assert found("tunnel") == ["Tunnel will close"]
    assert found("bridge") == []


def test_words_of_a_language_without_blanks_are_found(db):
    make_article(headline="今日は東京へ", language="ja")
    assert found("東京") == ["今日は東京へ"]
    assert found("京東") == []


def test_articles_of_many_languages_are_found_together(db):
    for language in ("en", "de", "ja", "pt-br", "nb"):
        make_article(headline=f"Hallersiel {language}", language=language)
    assert len(found("hallersiel")) == 5


def test_authors_and_tags_are_found_when_the_worker_has_caught_up(bridge):
    Byline.objects.create(article=bridge, author=Author.objects.create(name="Tobias Renn", slug="renn"))
    bridge.tags.add(Tag.objects.create(name="Timetables", slug="timetables"))
    assert SearchDocument.catch_up(Article.objects.all(), seconds=5) == 1
    assert found("renn timetables") == ["Swing bridge will open"]
    assert SearchDocument.catch_up(Article.objects.all(), seconds=5) == 0


def test_what_was_written_past_saving_is_caught_up_with(bridge):
    fields = {"section": bridge.section, "published_at": timezone.now(), "day": timezone.localdate()}
    Article.objects.bulk_create(Article(headline=f"Imported {n}", slug=f"n-{n}", **fields) for n in range(3))
    assert found("imported") == []
    assert SearchDocument.catch_up(Article.objects.all(), seconds=5) == 3
    assert len(found("imported")) == 3


def test_the_newest_of_equals_comes_first_and_pages_follow_each_other(db):
    for number in range(PAGE_SIZE + 2):
        make_article(headline=f"Bridge {number}", published_at=timezone.now() - timedelta(days=number))
    first, second = search_articles(parse_terms("bridge")), search_articles(parse_terms("bridge"), page=2)
    assert first.total == second.total == PAGE_SIZE + 2
    assert len(first.articles) == PAGE_SIZE
    assert len({*first.articles, *second.articles}) == PAGE_SIZE + 2
    assert Article.objects.get(pk=first.articles[0][0]).headline == "Bridge 0"


def test_words_and_bodies_of_any_length_are_taken(db):
    make_article(headline="Long", body=f"<p>{'x' * 5000} {'word ' * 100_000} the-end</p>")
    make_article(headline="Diverse", body="<p>" + " ".join(f"ü{number:09}" for number in range(60_000)) + "</p>")
    make_article(
        headline="Grown", body="<p>" + " ".join(f"㌀㌞{chr(0x4E00 + n % 20000)}" for n in range(50_000)) + "</p>"
    )
    assert found("grown") == ["Grown"]
    assert found("long") == ["Long"]
    assert found("diverse") == ["Diverse"]


on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's full text")


@on_postgresql
@pytest.mark.parametrize("question", ["bridges", "opened", "the bridge"])
def test_forms_of_a_word_are_found(bridge, question):
    assert found(question) == ["Swing bridge will open"]


@on_postgresql
def test_each_article_is_looked_through_in_its_language(db):
    make_article(headline="Häuser", language="de")
    make_article(headline="Hauser", language="ja")
    assert found("Haus") == ["Häuser"]


@on_postgresql
def test_a_headline_counts_more_than_a_body(db):
    make_article(headline="In the headline: herrings")
    make_article(headline="In the body", body="<p>Nothing but herrings.</p>", published_at=timezone.now())
    assert found("herrings") == ["In the headline: herrings", "In the body"]
