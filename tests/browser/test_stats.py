"""Statistics: on a phone and on a desktop, in both palettes, and without JavaScript."""

import pytest

from tests.browser.test_accessibility import PALETTES, violations

NUMBERS = "/admin/comments/statistics/"


def logged_in(open_page, **options):
    return open_page(NUMBERS, staff="editor", **options)


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, scheme, width):
    page = logged_in(open_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.locator("summary").click()
    for address in (None, f"{NUMBERS}rules/?days=365", f"{NUMBERS}?first=2026-03-02&last=2026-03-01"):
        if address:
            page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.console_errors == []


def test_without_javascript_days_are_chosen_and_a_sheet_is_taken_away(open_page):
    page = logged_in(open_page, java_script_enabled=False)
    page.get_by_role("button", name="90 days").click()
    assert page.locator("[aria-pressed='true']").inner_text() == "90 days"
    page.get_by_label("From").fill("2026-01-31")
    page.get_by_label("To:", exact=True).fill("2026-01-01")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_text("End date is before start date.").is_visible()
    page.get_by_role("button", name="7 days", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Days (CSV)").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 8
