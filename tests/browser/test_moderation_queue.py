"""Moderation queue: by keyboard, without JavaScript, on a phone, and with two moderators."""

from playwright.sync_api import expect
import pytest

from tests.browser.test_accessibility import PALETTES, violations
from tests.support.template_databases import PASSWORD

QUEUE_URL = "/admin/comments/moderation/"


@pytest.fixture
def held(say):
    """Create three comments that are older than all other pending comments, in this order."""
    say(
        "from datetime import timedelta; from django.utils import timezone; from comments.models import Decision\n"
        "for n in range(3):\n"
        "    at = timezone.now() - timedelta(days=900 - n)\n"
        "    comment = Comment(article=article, name='Held', text=f'Waiting {n}.', created_at=at)\n"
        "    comment.set_parent(None); comment.save()\n"
        "    Decision.objects.create(comment=comment, to_status=0, cause='submitted')\n"
    )
    yield
    say("Comment.objects.filter(name='Held', status=0).update(status=Status.SPAM)")


def logged_in(open_page, **options):
    return open_page(QUEUE_URL, staff="editor", **options)


def focus(page):
    return page.locator(".comment-detail .said")


def test_by_keyboard_alone(open_page, held):
    page = logged_in(open_page)
    expect(focus(page)).to_have_text("Waiting 0.")
    page.keyboard.press("j")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("k")
    expect(focus(page)).to_have_text("Waiting 0.")
    page.keyboard.press("a")
    expect(focus(page)).to_have_text("Waiting 1.")
    expect(page.get_by_role("status")).to_contain_text("approved.")
    page.keyboard.press("u")
    expect(focus(page)).to_have_text("Waiting 0.")
    expect(page.locator(".comment-detail")).to_contain_text("pending")
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(page.get_by_role("status")).to_contain_text("rejected.")
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.press("s")
    expect(focus(page)).to_have_text("Waiting 2.")
    page.keyboard.press("?")
    expect(page.get_by_text("next, previous")).to_be_visible()
    page.get_by_label("Note for colleagues").focus()
    page.keyboard.type("as")  # a note, not two decisions
    expect(focus(page)).to_have_text("Waiting 2.")
    page.keyboard.press("Enter")
    expect(page.locator(".comment-detail")).to_contain_text("editor as")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Quiet")).to_be_visible()


def test_without_javascript_every_button_does_the_same(open_page, held):
    page = logged_in(open_page, java_script_enabled=False)
    page.get_by_role("link", name="Next j").click()
    expect(focus(page)).to_have_text("Waiting 1.")
    page.get_by_role("link", name="Previous k").click()
    page.get_by_role("button", name="Approve a").click()
    expect(focus(page)).to_have_text("Waiting 1.")
    page.get_by_role("button", name="Undo u").click()
    expect(focus(page)).to_have_text("Waiting 0.")
    page.locator(".reasons summary").click()
    page.locator(".comment-detail").get_by_role("button", name="Off topic").click()
    expect(focus(page)).to_have_text("Waiting 1.")


def test_two_at_once_are_given_different_comments(open_page, site, held):
    site.python(
        "from django.contrib.auth.models import User\n"
        "User.objects.filter(username='second').delete()\n"
        f"User.objects.create_superuser('second', '', {PASSWORD!r})"
    )
    first = logged_in(open_page)
    expect(focus(first)).to_have_text("Waiting 0.")
    second = open_page(QUEUE_URL, staff="second")
    expect(focus(second)).to_have_text("Waiting 1.")
    expect(second.locator(".queue")).to_contain_text("editor reviewing")
    second.get_by_role("link", name="Waiting 0.").click()
    expect(second.locator(".holder")).to_contain_text("editor is reviewing this comment.")
    first.keyboard.press("a")
    expect(first.get_by_role("status")).to_contain_text("approved.")
    second.keyboard.press("s")
    expect(second.get_by_role("status")).to_contain_text("is already approved (editor")


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, held, scheme, width):
    page = logged_in(open_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.locator(".reasons summary").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_key_is_for_the_comment_that_one_sees(open_page, held):
    page = logged_in(open_page)
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.evaluate(
        "for (const key of ['j', 'a']) document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))"
    )
    expect(focus(page)).to_have_text("Waiting 1.")
    page.keyboard.down("a")
    expect(focus(page)).to_have_text("Waiting 2.")
    page.keyboard.down("a")  # while the key is held, its event repeats
    page.keyboard.up("a")
    page.keyboard.press("k")
    expect(focus(page)).to_have_text("Waiting 0.")
    page.keyboard.press("?")
    expect(page.locator(".keys-help dl")).to_be_in_viewport(ratio=1)
    assert asked.count("POST") == 1
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("s")
    expect(page.get_by_label("Username")).to_be_visible()
    assert "/login/?next=/admin/comments/moderation/" in page.url


def test_on_a_phone_nothing_is_missing_or_too_small(open_page, held):
    page = logged_in(open_page, viewport={"width": 360, "height": 740})
    assert page.locator(".queues small:visible").count() == page.locator(".queues small").count() > 1
    assert page.get_by_role("link", name="Next j").bounding_box()["height"] >= 24
    page.keyboard.press("r")
    expect(page.locator(".comment-detail .reasons")).to_be_in_viewport(ratio=1)
    assert page.locator(".comment-detail .reasons div").bounding_box()["height"] <= 740 * 0.3 + 1
    expect(focus(page)).to_be_in_viewport(ratio=1)


def test_on_a_phone_the_reasons_are_seen_that_a_thumb_unfolds(open_page, held, say):
    say("Comment.objects.filter(text='Waiting 0.').update(text='Waiting. ' * 300)")
    page = logged_in(open_page, viewport={"width": 360, "height": 740}, has_touch=True)
    expect(page.locator(".comment-detail .reasons")).to_be_in_viewport(ratio=1)
    page.locator(".comment-detail .reasons summary").tap()
    expect(page.locator(".comment-detail .reasons div")).to_be_in_viewport(ratio=1)


def test_keys_can_be_switched_off_and_stay_so(open_page, held):
    page = logged_in(open_page)
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.keyboard.press("?")
    page.get_by_label("Keyboard shortcuts on").uncheck()
    page.keyboard.press("s")
    page.get_by_role("link", name="Next j").click()
    expect(focus(page)).to_have_text("Waiting 1.")
    page.reload()
    page.keyboard.press("s")
    page.locator(".keys-help summary").click()
    page.get_by_label("Keyboard shortcuts on").check()
    assert "POST" not in asked
    page.keyboard.press("s")
    expect(focus(page)).to_have_text("Waiting 2.")


def test_a_search_by_keyboard_alone(open_page, held):
    page = logged_in(open_page)
    page.keyboard.press("/")
    expect(page.get_by_label("Words in the comment")).to_be_focused()
    page.keyboard.type("waiting 2.")
    page.keyboard.press("Enter")
    expect(focus(page)).to_have_text("Waiting 2.")
    expect(page.locator(".chips")).to_contain_text("Words in the comment: waiting 2.")
    page.keyboard.press("s")  # a decision: the search stays
    expect(page.get_by_role("status")).to_contain_text("spam.")
    expect(page.get_by_text("No comments match.")).to_be_visible()
    page.get_by_role("link", name="All", exact=True).click()
    expect(focus(page)).to_have_text("Waiting 2.")
    page.locator(".chips a").click()
    expect(page.locator(".chips")).to_have_count(0)


def test_a_search_without_javascript(open_page, held):
    page = logged_in(open_page, java_script_enabled=False)
    page.locator(".filters summary").click()
    page.get_by_label("Words in the comment").fill("pending")
    page.get_by_label("To", exact=True).fill("1999-01-01")
    page.get_by_label("From", exact=True).fill("2001-01-01")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".filters .errors")).to_have_text("End date is before start date.")
    expect(focus(page)).to_have_text("Waiting 0.")
    page.get_by_label("To", exact=True).fill("")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".chips li")).to_have_count(2)
    page.locator(".chips a").first.click()
    expect(page.locator(".chips li")).to_have_count(1)
    expect(page.locator(".chips")).to_contain_text("From: 1 January 2001")


@pytest.mark.parametrize(("width", "scheme"), PALETTES)
def test_axe_finds_nothing_in_the_search(open_page, held, scheme, width):
    page = logged_in(open_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    for query in ("text=waiting&since=2001-01-01&device=" + "0" * 32, "since=x&article=nothing"):
        page.goto(f"{QUEUE_URL}?queue=all&{query}")
        if page.locator(".filters details").get_attribute("open") is None:
            page.locator(".filters summary").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
