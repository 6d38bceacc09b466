from datetime import timedelta
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from articles.models import FrontPageSlot, Section
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.support.html import Page


def hours_ago(hours):
    return timezone.now() - timedelta(hours=hours)


def headlines(part="", html=None):
    """Return the headlines in order, of the whole page or from the first element of this class on."""
    html = html or Client().get("/").text
    start = html.index(f'class="{part}') if part else 0
    return re.findall(r"<h[23]><a href=\"/\d[^>]*>([^<]*)</a></h[23]>", html[start:])


@pytest.fixture
def ten(db):
    return [make_article(headline=f"{hours} hours ago", published_at=hours_ago(hours)) for hours in range(1, 11)]


def test_it_arranges_itself_by_time(ten):
    assert headlines()[:5] == [f"{hours} hours ago" for hours in range(1, 6)]


def test_an_editor_gives_places_away_and_the_newest_fill_the_others(ten):
    FrontPageSlot.objects.create(article=ten[9], position=1)
    FrontPageSlot.objects.create(article=ten[7], position=3)
    assert headlines()[:5] == ["10 hours ago", "1 hours ago", "8 hours ago", "2 hours ago", "3 hours ago"]


def test_of_two_at_one_place_the_newer_stands_first(ten):
    for article in (ten[8], ten[6]):
        FrontPageSlot.objects.create(article=article, position=2)
    assert headlines()[:4] == ["1 hours ago", "7 hours ago", "9 hours ago", "2 hours ago"]


def test_an_old_article_leads_if_an_editor_wants_it(ten):
    for _ in range(40):
        make_article()
    old = make_article(headline="Long ago", published_at=hours_ago(9000))
    FrontPageSlot.objects.create(article=old, position=1)
    assert headlines()[0] == "Long ago"


@pytest.mark.parametrize("fields", [{"published_at": None}, {"unpublish_at": timezone.now() - timedelta(seconds=1)}])
def test_what_is_not_public_any_more_gives_its_place_back(ten, fields):
    FrontPageSlot.objects.create(article=ten[9], position=1)
    assert headlines()[0] == "10 hours ago"
    type(ten[9]).objects.filter(pk=ten[9].pk).update(**fields)
    assert headlines()[0] == "1 hours ago"


def test_it_takes_its_place_at_its_second(ten):
    at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    FrontPageSlot.objects.create(article=make_article(headline="At six", published_at=at), position=1)
    with time_machine.travel(at - timedelta(seconds=1), tick=False):
        assert headlines()[0] == "1 hours ago"
    with time_machine.travel(at, tick=False):
        assert headlines()[0] == "At six"


def test_three_articles_are_a_front_page_and_nothing_is_shown_twice(db):
    for hours in range(3):
        make_article(headline=f"{hours}", published_at=hours_ago(hours))
    assert headlines() == ["0", "1", "2"]


def test_a_section_has_its_column_however_long_it_was_silent(ten):
    silent = Section.objects.create(name="Science", slug="science", order=9)
    first = Section.objects.create(name="Harbour", slug="harbour", order=0)
    for hours in range(5):
        make_article(headline=f"Science {hours}", section=silent, published_at=hours_ago(9000 + hours))
    make_article(headline="Harbour", section=first, published_at=hours_ago(9000))
    for _ in range(40):
        make_article()
    html = Client().get("/").text
    assert headlines("columns", html)[0] == "Harbour"
    assert [each for each in headlines("columns", html) if "Science" in each] == [f"Science {n}" for n in range(4)]


def test_with_three_hundred_articles_a_column_has_four(db):
    sections = [Section.objects.create(name=f"Section {n}", slug=f"section-{n}", order=n) for n in range(6)]
    for number in range(60):
        make_article(section=sections[number % 6], published_at=hours_ago(number))
    page = Page(Client().get("/").text)
    columns = [attributes for tag, attributes in page.elements if tag == "section" and "column" in attributes["class"]]
    assert len(columns) == 6
    assert len(headlines()) == 5 + 6 * 4


def discussed():
    html = Client().get("/").text
    part = html[html.index("most-discussed") :] if "most-discussed" in html else ""
    return re.findall(r'conversation"[^>]*>([^<]*)</a> <span class="number">(\d+)', part)


def test_what_is_most_discussed_counts_public_comments_of_the_last_days(ten, moderator):
    old = make_article(headline="Old", published_at=timezone.now() - timedelta(days=8))
    gone = make_article(headline="Gone", unpublish_at=timezone.now() - timedelta(seconds=1))
    for article, number in ((old, 5), (gone, 5), (ten[2], 1)):
        for _ in range(number):
            make_comment(article)
    comments = [make_comment(ten[4]) for _ in range(2)]
    make_comment(ten[2], status=Status.PENDING)
    assert discussed() == [("5 hours ago", "2"), ("3 hours ago", "1")]
    for comment in comments:
        decide(comment, Status.REJECTED, actor=moderator)
    assert discussed() == [("3 hours ago", "1")]


def test_the_stored_page_takes_one_query(ten):
    FrontPageSlot.objects.create(article=ten[4], position=1)
    Client().get("/")
    with CaptureQueriesContext(connection) as queries:
        Client().get("/")
    assert len(queries) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda ten: FrontPageSlot.objects.create(article=ten[3], position=2),
        lambda ten: ten[3].save(),
        lambda ten: make_comment(ten[3]),
        lambda ten: Section.objects.create(name="New", slug="new"),
    ],
)
def test_whatever_it_shows_moves_it(ten, change):
    etag = Client().get("/")["ETag"]
    change(ten)
    assert Client().get("/")["ETag"] != etag


def test_an_editor_arranges_it_in_the_admin(client, editor, ten):
    client.force_login(editor)
    root = "/admin/articles/frontpageslot/"
    assert client.post(f"{root}add/", {"article": ten[5].pk, "position": 1}).status_code == 302
    assert headlines()[0] == "6 hours ago"
    wrong = client.post(f"{root}add/", {"article": ten[6].pk, "position": 6})
    assert "less than or equal to 5" in wrong.text
    assert ">Live<" in client.get(root).text
