"""Structured data of articles for search engines, social networks and reader modes."""

import json
import re

from django.test import Client
import pytest
import trafilatura

from articles.models import Author, Byline, Image, SiteSettings, Tag
from articles.text import strip_control_chars
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.newsite.test_hostile_text import HOSTILE
from tests.support.html import Page

PARAGRAPHS = [
    "Chandlers’ Bridge will no longer swing for any boat that asks, the harbour board decided last night by six votes.",
    "The change ends a practice as old as the bridge, which has opened on demand since it was built.",
    "Last year it opened four thousand times, and each opening stopped the road for between four and nine minutes.",
]


@pytest.fixture
def whole(db):
    article = make_article(
        headline="Swing bridge will open only on the hour",
        standfirst="The road gains 38 minutes a day.",
        body="".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS),
    )
    for order, name in enumerate(["Hester Quaile", "Tobias Renn"]):
        author = Author.objects.create(name=name, slug=name.lower().replace(" ", "-"))
        Byline.objects.create(article=article, author=author, order=order)
    article.tags.add(Tag.objects.create(name="Ferries", slug="ferries"))
    return article


def page_of(article):
    return Client().get(article.get_absolute_url()).text


def linked_data(article):
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page_of(article), re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def metas(article):
    elements = Page(page_of(article)).elements
    metas = [attributes for tag, attributes in elements if tag == "meta"]
    return {each.get("property", each.get("name")): each["content"] for each in metas if "content" in each}


def test_a_search_engine_is_told_all_of_it(whole, settings):
    SiteSettings(name="The Paper").save()
    make_comment(whole)
    address = f"{settings.SITE_URL}{whole.get_absolute_url()}"
    facts = linked_data(whole)
    assert facts["@type"] == "NewsArticle"
    assert facts["headline"] == whole.headline
    assert facts["description"] == whole.standfirst
    assert facts["url"] == facts["mainEntityOfPage"] == address
    assert facts["datePublished"] == whole.published_at.isoformat(timespec="seconds")
    assert facts["author"] == [
        {"@type": "Person", "name": "Hester Quaile", "url": f"{settings.SITE_URL}/author/hester-quaile/"},
        {"@type": "Person", "name": "Tobias Renn", "url": f"{settings.SITE_URL}/author/tobias-renn/"},
    ]
    assert facts["publisher"]["name"] == "The Paper"
    assert facts["articleSection"] == "Town"
    assert facts["keywords"] == ["Ferries"]
    assert facts["inLanguage"] == "en"
    assert facts["isAccessibleForFree"] is True
    assert facts["commentCount"] == 1
    assert facts["discussionUrl"] == f"{address}#conversation"
    assert "image" not in facts


def test_what_nobody_signed_is_by_the_paper(article):
    assert [author["@type"] for author in linked_data(article)["author"]] == ["Organization"]


def test_the_number_of_comments_is_that_of_the_public_ones_now(article, moderator):
    assert linked_data(article)["commentCount"] == 0
    make_comment(article, status=Status.PENDING)
    comment = make_comment(article)
    assert linked_data(article)["commentCount"] == 1
    decide(comment, Status.REJECTED, actor=moderator)
    assert linked_data(article)["commentCount"] == 0


def test_the_lead_picture_goes_with_it(whole, settings):
    about = {"width": 1600, "height": 900, "alt_text": 'A "ferry" & gulls', "credit": "Ada"}
    whole.lead_image = Image.objects.create(file="images/ferry.webp", digest="x", **about)
    whole.save()
    (image,) = linked_data(whole)["image"]
    assert image["url"].startswith(settings.SITE_URL)
    assert (image["width"], image["height"], image["caption"]) == (1600, 900, 'A "ferry" & gulls')
    card = metas(whole)
    assert card["og:image"] == image["url"]
    assert card["og:image:alt"] == 'A "ferry" & gulls'
    assert card["twitter:card"] == "summary_large_image"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inside(whole, text):
    text = strip_control_chars(text).strip()  # as it is stored
    whole.headline = whole.standfirst = text
    whole.save()
    Author.objects.update(name=text)
    Tag.objects.update(name=text)
    SiteSettings(name=text).save()
    facts = linked_data(whole)
    assert facts["headline"] == facts["author"][0]["name"] == facts["keywords"][0] == facts["publisher"]["name"] == text
    assert not Page(page_of(whole)).has_executable_content()


def test_a_card_is_told_what_to_show(whole, settings):
    card = metas(whole)
    assert card["og:type"] == "article"
    assert card["og:title"] == whole.headline
    assert card["og:description"] == card["description"] == whole.standfirst
    assert card["og:url"] == f"{settings.SITE_URL}{whole.get_absolute_url()}"
    assert card["twitter:card"] == "summary"
    assert card["article:tag"] == "Ferries"


@pytest.mark.parametrize(
    ("fields", "summary"),
    [
        ({"description": "For machines.", "standfirst": "In short."}, "For machines."),
        ({"standfirst": "In short."}, "In short."),
        ({"body": "<p>It <em>be</em>gins &amp; so</p><p>on.</p>"}, "It begins & so on."),
        ({"body": f"<p>{'word ' * 100}</p>"}, f"{'word ' * 59}word…"),
    ],
)
def test_a_description_falls_back_on_what_there_is(db, fields, summary):
    assert metas(make_article(**fields))["description"] == summary


@pytest.mark.parametrize("without", ["", r'<script type="application/ld\+json">.*?</script>|<meta [^>]*>'])
def test_a_reader_mode_finds_the_article_also_by_its_elements_alone(whole, without):
    make_comment(whole, text="I was there and I do not believe a word of it, said the reader.")
    html = re.sub(without, "", page_of(whole), flags=re.DOTALL) if without else page_of(whole)
    found = trafilatura.bare_extraction(html, with_metadata=True, include_comments=False)
    assert found.title == whole.headline
    assert "Hester Quaile" in found.author
    assert found.date == f"{whole.published_at:%Y-%m-%d}"
    for paragraph in PARAGRAPHS:
        assert paragraph in found.text
    assert "I was there" not in found.text
