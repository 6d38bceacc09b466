"""Accessibility: axe finds nothing on public pages in either palette; no horizontal scrolling; no inline code."""

import gzip

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
import pytest

from tests.support.live_site import REPOSITORY

ADDRESSES = """
from articles.models import Article
for article in Article.objects.published():
    print(article.get_absolute_url())
"""
WIDTHS = [320, 360, 768, 1280]
PALETTES = [(360, "dark"), (1280, "light")]  # width and palette are independent: one test of each is enough


@pytest.fixture(scope="session")
def addresses(site):
    articles = site.python(ADDRESSES).splitlines()
    assert len(articles) >= 8
    found = ["/author/tobias-renn/", "/tag/ferries-and-boats/", "/search/?q=swing+bridge", "/search/?q=-bridge"]
    return [
        "/",
        "/section/harbour/",
        *found,
        "/about/",
        "/privacy/",
        "/house-rules/",
        "/corrections/",
        "/nothing/",
        *articles,
    ]


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_public_page(open_page, addresses, scheme):
    page = open_page("/", color_scheme=scheme)
    found = {}
    for address in addresses if scheme == "light" else addresses[:12]:  # the dark palette changes only colours
        page.goto(address)
        if faults := violations(page):
            found[address] = faults
    assert not found


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_axe_finds_nothing_on_the_form_with_faults_and_on_a_waiting_comment(open_page, addresses, scheme, width):
    page = open_page(addresses[-2], color_scheme=scheme, viewport={"width": width, "height": 800})
    page.get_by_label("Comment", exact=True).fill("")
    page.get_by_label("Name", exact=True).fill("a" * 61)
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("Please enter your comment!")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Comment", exact=True).fill(f"Waiting at {width} px, {scheme}")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".is-waiting")).to_be_visible()
    assert violations(page) == []
    withdraw = page.locator(".is-waiting").get_by_role("link", name="Delete").get_attribute("href")
    for address in ("/comments/yours/", withdraw):
        page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_page_scrolls_sideways_or_complains(open_page, addresses):
    page = open_page("/")
    for address in addresses:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("innerWidth") == width
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
    assert [text for text in page.console_errors if "404" not in text and "422" not in text] == []


def test_hostile_text_keeps_its_place(open_page, say, quiet_article):
    say(
        "for text in ['W' * 400, 'Z' + '\\u0300' * 900, '\\u202eevil' * 9, '漢' * 500, '🙂' * 300]:\n"
        "    say(text, name=text[:60])\n"
    )
    page = open_page(quiet_article, viewport={"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_stylesheets_are_small():
    stylesheets = ("newsite/static/newsite/newsite.css", "comments/static/comments/conversation.css")
    css = b"".join((REPOSITORY / name).read_bytes() for name in stylesheets)
    assert len(gzip.compress(css, 9)) <= 8 * 1024


def test_the_admin_works_under_its_policy(staff_page):
    for address in (
        "articles/article/add/",
        "comments/comment/",
        "flatpages/flatpage/add/",
        "articles/sitesettings/",
    ):
        staff_page.goto(f"/admin/{address}")
        staff_page.wait_for_load_state("networkidle")
    expect(staff_page.locator("h1")).to_be_visible()
    assert staff_page.console_errors == []


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_every_field_of_an_article_in_the_admin_has_a_name(open_page, site, scheme, width):
    pk = site.python(
        "from articles.models import Article; "
        "print(Article.objects.exclude(tags=None).exclude(bylines=None).order_by('pk').first().pk)"
    ).strip()
    page = open_page("/admin/", staff="editor", color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(f"/admin/articles/article/{pk}/change/")
    authors = page.get_by_role("combobox", name="Author")
    expect(authors.first).to_be_visible()
    there = authors.count()
    page.get_by_text("Add another Byline").click()
    expect(authors).to_have_count(there + 1)
    expect(page.get_by_role("textbox", name="Publish date: date")).to_be_visible()
    faults = [each for each in violations(page) if each[0] != "empty-table-header"]  # of Django's own template
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
