"""Many decisions at once at the moderators' desk: ticked by keyboard, without JavaScript, all that match."""

from playwright.sync_api import expect
import pytest

from tests.browser.test_accessibility import violations
from tests.browser.test_desk import focus, held, logged_in

__all__ = ["held"]


def test_ticked_by_keyboard_while_looking_through_the_queue(open_page, held):
    page = logged_in(open_page)
    page.keyboard.press("x")
    page.keyboard.press("j")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("j")
    expect(focus(page)).to_have_text("Waiting 2.")
    page.keyboard.press("x")
    expect(page.get_by_label("Select Held: Waiting 0.")).to_be_checked()
    expect(page.get_by_label("Select Held: Waiting 1.")).not_to_be_checked()
    page.locator("#many").get_by_role("button", name="Spam").click()
    expect(page.get_by_role("status")).to_contain_text("2 comments: spam.")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("2 comments: undone.")
    expect(focus(page)).to_have_text("Waiting 0.")


def test_without_javascript(open_page, held):
    page = logged_in(open_page, java_script_enabled=False)
    page.get_by_role("link", name="Select all on this page").click()
    expect(page.get_by_label("Select Held: Waiting 2.")).to_be_checked()
    page.get_by_role("link", name="Select none").click()
    page.get_by_label("Select Held: Waiting 1.").check()
    many = page.locator("#many")
    many.locator("summary").click()
    many.get_by_role("button", name="Off topic").click()
    expect(page.get_by_role("status")).to_contain_text("1 comment: rejected.")
    page.get_by_role("button", name="Undo u").click()
    expect(page.get_by_role("status")).to_contain_text("1 comment: undone.")


@pytest.mark.parametrize("width", [360, 1280])
def test_all_that_match_and_the_page_of_a_job(open_page, held, site, width):
    page = logged_in(open_page, viewport={"width": width, "height": 900})
    page.get_by_role("link", name="All that match…").click()
    expect(page.get_by_text("will be decided on.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    site.python(
        "from django.contrib.auth.models import User; from comments.desk.bulk import begin\n"
        "from comments.models import Comment, Job\n"
        "held = Comment.objects.filter(name='Held', status=0).order_by('pk')\n"
        "begin(held, 'spam', by=User.objects.get(username='editor'), seen={held[0].pk: '9-0'})"
    )
    page.goto("/admin/comments/job/")
    page.get_by_role("link", name="Spam: 3 comments").first.click()
    expect(page.get_by_text("2 done, 1 left alone.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 done, 0 left alone.")).to_be_visible()
