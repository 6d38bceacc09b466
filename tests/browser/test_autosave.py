"""Autosave in the browser: the article form restores unsaved text after the browser was closed."""

from playwright.sync_api import expect
import pytest

ADD = "/admin/articles/article/add/"


@pytest.fixture
def writer(open_page, site):
    """Return a function that opens a window of a logged-in reporter, with a clock that tests can advance."""
    site.python(
        "from django.contrib.auth.models import Group, User; "
        "user, is_new = User.objects.get_or_create(username='writer', is_staff=True); "
        "user.groups.add(Group.objects.get(name='Reporters'))"
    )

    def open_window(address, **options):
        page = open_page("/admin/", staff="writer", **options)
        page.clock.install()
        page.goto(address)
        return page

    return open_window


def test_what_was_typed_is_offered_again_and_can_be_saved(writer):
    page = writer(ADD)
    page.fill("#id_headline", "Half a sentence")
    page.clock.fast_forward(2000)
    page.get_by_role("textbox", name="Story", exact=True).press_sequentially("The words.")
    page.clock.fast_forward(6000)
    expect(page.locator("#kept")).to_contain_text("Draft saved at")
    assert page.console_errors == []
    page.close()

    page = writer(ADD, viewport={"width": 360, "height": 800})
    expect(page.get_by_text("You have unsaved changes")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Restore").click()
    expect(page.locator("#id_headline")).to_have_value("Half a sentence")
    expect(page.locator(".tiptap[role=textbox]")).to_contain_text("The words.")
    page.locator("#id_section").select_option(index=1)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.goto(ADD)
    expect(page.get_by_text("You have unsaved changes")).to_have_count(0)
    assert page.console_errors == []


def test_a_lost_connection_is_told(writer):
    page = writer(ADD)
    page.context.set_offline(True)
    page.locator("#id_headline").press_sequentially("Half a sentence")
    page.clock.fast_forward(6000)
    expect(page.locator("#kept")).to_contain_text("Not saved")
