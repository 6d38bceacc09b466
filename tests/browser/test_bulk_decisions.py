"""Bulk decisions in the moderation queue: by keyboard, without JavaScript, and for all matching comments."""

from playwright.sync_api import expect
import pytest

from tests.browser.test_accessibility import violations
from tests.browser.test_moderation_queue import focus, held, logged_in

__all__ = ["held"]


def test_ticked_by_keyboard_while_looking_through_the_queue(open_page, held):
    page = logged_in(open_page)
    expect(focus(page)).to_have_text("Waiting 0.")
    page.keyboard.press("x")
    expect(page.get_by_label("Select Held: Waiting 0.")).to_be_checked()
    page.keyboard.press("j")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("j")
    expect(focus(page)).to_have_text("Waiting 2.")
    page.keyboard.press("x")
    expect(page.get_by_label("Select Held: Waiting 0.")).to_be_checked()
    expect(page.get_by_label("Select Held: Waiting 1.")).not_to_be_checked()
    page.locator("#many").get_by_role("button", name="Spam").click()
    expect(page.get_by_role("status")).to_contain_text("2 comments marked as spam.")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("2 comments set back to the earlier status.")
    expect(focus(page)).to_have_text("Waiting 0.")


def test_what_is_ticked_stays_so_when_it_is_not_in_the_list_any_more(open_page, held):
    page = logged_in(open_page)
    expect(focus(page)).to_have_text("Waiting 0.")
    page.keyboard.press("x")
    page.keyboard.press("j")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("a")
    expect(focus(page)).to_have_text("Waiting 2.")
    expect(page.locator(".ticked-elsewhere")).to_contain_text("1 selected outside this list")
    assert violations(page) == []
    page.locator("#many").get_by_role("button", name="Spam").click()
    expect(page.get_by_role("status")).to_contain_text("1 comment marked as spam.")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("1 comment set back to the earlier status.")
    page.get_by_label("Select Held: Waiting 0.").check()
    page.get_by_role("link", name="Unreviewed").click()  # another queue: another choice
    expect(page.locator(".ticked-elsewhere")).to_be_hidden()


def test_an_undo_and_a_note_leave_what_is_ticked(open_page, held):
    page = logged_in(open_page)
    expect(focus(page)).to_have_text("Waiting 0.")
    page.keyboard.press("a")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("x")
    page.keyboard.press("u")
    expect(focus(page)).to_have_text("Waiting 0.")
    expect(page.get_by_label("Select Held: Waiting 1.")).to_be_checked()
    page.keyboard.press("x")
    page.get_by_label("Note for colleagues").fill("Look.")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".comment-detail")).to_contain_text("editor Look.")
    expect(page.get_by_label("Select Held: Waiting 0.")).to_be_checked()


def test_what_says_something_else_by_now_is_not_ticked_any_more(open_page, held, say):
    page = logged_in(open_page)
    page.get_by_label("Select Held: Waiting 1.").check()
    page.get_by_label("Select Held: Waiting 2.").check()
    say("Comment.objects.filter(text='Waiting 1.').update(text='Waiting, but changed.', version=2)")
    page.keyboard.press("a")
    expect(focus(page)).to_have_text("Waiting, but changed.")
    expect(page.get_by_label("Select Held: Waiting, but changed.")).not_to_be_checked()
    expect(page.get_by_label("Select Held: Waiting 2.")).to_be_checked()


def test_without_javascript(open_page, held):
    page = logged_in(open_page, java_script_enabled=False)
    page.get_by_role("link", name="Select all shown").click()
    expect(page.get_by_label("Select Held: Waiting 2.")).to_be_checked()
    page.get_by_role("link", name="Select none").click()
    page.get_by_label("Select Held: Waiting 1.").check()
    many = page.locator("#many")
    many.locator("summary").click()
    many.get_by_role("button", name="Off topic").click()
    expect(page.get_by_role("status")).to_contain_text("1 comment rejected.")
    page.get_by_role("button", name="Undo u").click()
    expect(page.get_by_role("status")).to_contain_text("1 comment set back to the earlier status.")


@pytest.mark.parametrize("width", [360, 1280])
def test_all_that_match_and_the_page_of_a_job(open_page, held, site, width):
    page = logged_in(open_page, viewport={"width": width, "height": 900})
    page.get_by_role("link", name="All matching comments…").click()
    expect(page.get_by_text("This applies to")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    site.python(
        "from django.contrib.auth.models import User; from comments.queue.bulk import start_bulk\n"
        "from comments.models import BackgroundJob, Comment\n"
        "held = Comment.objects.filter(name='Held', status=0).order_by('pk')\n"
        "start_bulk(held, 'spam', actor=User.objects.get(username='editor'), seen={held[0].pk: '9-0'})"
    )
    page.goto("/admin/comments/backgroundjob/")
    page.get_by_role("link", name="Spam: 3 comments").first.click()
    expect(page.get_by_text("2 updated, 1 skipped.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 updated, 0 skipped.")).to_be_visible()


@pytest.fixture
def cluster(site, say):
    """Create a cluster of four comments that are older than all other pending comments."""
    say(
        "from datetime import timedelta; from django.utils import timezone\n"
        "from comments.submission.collect_facts import SubmittedComment; from comments.identity import Reader\n"
        "from comments.submission.submit import submit\n"
        "said = 'The mayor sold our harbour to his friends, and nobody at the council dares to say so {}'\n"
        "for n in range(4):\n"
        "    submit(article, SubmittedComment(said.format(n), f'Raider {n}'), Reader(None, f'network {n}'))\n"
        "    at = timezone.now() - timedelta(days=990 - n)\n"
        "    Comment.objects.filter(name=f'Raider {n}').update(created_at=at)\n"
    )
    yield
    say(
        "from comments.models import Cluster, Shingle\n"
        "attackers = Comment.objects.filter(name__startswith='Raider')\n"
        "attackers.update(status=Status.SPAM, is_collapsed=False, cluster=None)\n"
        "Cluster.objects.all().delete(); Shingle.objects.all().delete()"
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_a_cluster_is_one_row_that_opens_and_one_decision(open_page, cluster, width):
    page = logged_in(open_page, viewport={"width": width, "height": 900})
    expect(page.locator(".queue")).to_contain_text("+ 3 similar")
    expect(page.locator(".queue")).not_to_contain_text("Raider 1")
    page.keyboard.press("l")
    assert violations(page) == []
    page.locator(".queue").get_by_role("link", name="+ 3 similar").click()
    expect(page.get_by_role("link", name="Raider 3")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Back to moderation").click()
    page.wait_for_url("**/moderation/?*")
    page.wait_for_load_state("load")  # keys have no effect before that
    page.keyboard.press("l")
    page.locator(".comment-detail .cluster").get_by_role("button", name="Spam").click()
    expect(page.get_by_role("status")).to_contain_text("4 comments marked as spam.")
    expect(page.locator(".queue")).not_to_contain_text("Raider")
