"""Email notifications without JavaScript, in both palettes, on a phone and on a desktop."""

from playwright.sync_api import expect
import pytest

from tests.browser.test_accessibility import PALETTES, violations

TOKEN = """
from comments.models import Subscription
print(Subscription.objects.get(address={address!r}).token)
"""
FIRST_ARTICLE = "from articles.models import Article; print(Article.objects.published()[0].get_absolute_url())"


def check(page, width):
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_asked_for_under_ones_comment_confirmed_changed_and_stopped(open_page, site, scheme, width):
    address = f"ada-{scheme}-{width}@example.org"
    page = open_page(
        site.python(FIRST_ARTICLE),
        java_script_enabled=False,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    page.get_by_label("Comment", exact=True).fill(f"Write to me, {scheme} {width}.")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_text("Email me about my comments").click()
    page.get_by_label("Email address").fill("nobody")
    page.get_by_role("button", name="Turn on emails").click()
    expect(page.get_by_text("Please enter an email address")).to_be_visible()
    expect(page.get_by_label("Email address")).to_have_value("nobody")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Turn on emails").click()
    expect(page.get_by_text("Check your inbox")).to_be_visible()
    page.goto(f"/letters/{site.python(TOKEN.format(address=address))}/")
    page.get_by_role("button", name="Yes, email me").click()
    page.get_by_label("when someone replies").select_option(label="in a daily summary")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("when someone replies")).to_have_value("daily")
    page.get_by_role("button", name="Unsubscribe and delete my address").click()
    expect(page.get_by_role("heading", name="You’re unsubscribed")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_axe_finds_nothing_on_the_pages_of_letters(open_page, site, scheme, width):
    address = f"axe-{scheme}-{width}@example.org"
    page = open_page(site.python(FIRST_ARTICLE), color_scheme=scheme, viewport={"width": width, "height": 900})
    page.get_by_label("Comment", exact=True).fill(f"Axe me, {scheme} {width}.")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_text("Email me about my comments").click()
    expect(page.get_by_label("Email address")).to_be_visible()
    check(page, width)
    page.goto("/comments/yours/")
    check(page, width)
    page.get_by_role("button", name="Turn on emails").click()
    check(page, width)
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Turn on emails").click()
    check(page, width)
    page.goto(f"/letters/{site.python(TOKEN.format(address=address))}/")
    check(page, width)
    page.get_by_role("button", name="Yes, email me").click()
    expect(page.get_by_role("heading", name="Your email settings")).to_be_visible()
    check(page, width)
    page.goto("/letters/")
    check(page, width)
    assert [text for text in page.console_errors if "422" not in text] == []


def test_duty_is_ticked_in_the_admin(staff_page):
    staff_page.goto("/admin/comments/moderatoronduty/")
    staff_page.get_by_label("Email me when comments are waiting").check()
    staff_page.get_by_role("button", name="Save").click()
    expect(staff_page.get_by_text("Your account has no email address.")).to_be_visible()
    assert staff_page.console_errors == []
