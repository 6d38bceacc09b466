"""Comment form: enhancements by JavaScript, and use by keyboard alone."""

from playwright.sync_api import expect
import pytest

from tests.browser.conftest import post, write


def test_posting_does_not_reload_the_page(open_page, quiet_article):
    page = open_page(quiet_article)
    page.evaluate("window.isTheSamePage = true")
    write(page, "Hello there.")
    post(page)
    expect(page.locator(".is-waiting")).to_contain_text("Hello there.")
    assert page.evaluate("window.isTheSamePage")
    assert "/yours/#comment-" in page.url
    expect(page.locator(".is-waiting")).to_be_focused()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")


def test_a_fault_does_not_reload_the_page_either(open_page, quiet_article):
    page = open_page(quiet_article)
    page.evaluate("window.isTheSamePage = true")
    write(page, "Words that stay.", name=" ")
    post(page)
    expect(page.get_by_text("Please enter your name here")).to_be_visible()
    assert page.evaluate("window.isTheSamePage")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Words that stay.")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()


def test_what_was_typed_survives_a_reload_until_it_is_sent(open_page, quiet_article):
    page = open_page(quiet_article)
    write(page, "Half a thought", name="Grace")
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Half a thought")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Grace")
    post(page)
    expect(page.locator(".is-waiting")).to_be_visible()
    page.goto(quiet_article)
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length") == 0


def test_a_second_comment_begun_after_the_first_survives_a_reload_too(open_page, quiet_article):
    page = open_page(quiet_article)
    write(page, "The first one.")
    post(page)
    expect(page.locator(".is-waiting")).to_be_visible()
    write(page, "The second, half-way")
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("The second, half-way")


def test_without_htmx_what_was_sent_is_forgotten_and_nothing_else(open_page, quiet_article):
    page = open_page("/")
    page.route("**/htmx-2.min.js", lambda route: route.abort())
    page.goto(quiet_article)
    write(page, "Sent the plain way.")
    post(page)
    page.wait_for_url("**/yours/#comment-*")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    write(page, "Another one")
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Another one")


def test_a_server_that_does_not_answer_is_said_and_nothing_is_lost(open_page, quiet_article):
    page = open_page(quiet_article)
    page.route("**/comments/", lambda route: route.abort())
    write(page, "Into the void")
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("couldn’t post your comment")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Into the void")
    page.unroute("**/comments/")
    post(page)
    expect(page.locator(".is-waiting")).to_contain_text("Into the void")


def test_the_counter_shows_when_it_matters_and_counts_as_the_server_does(open_page, quiet_article):
    page = open_page(quiet_article)
    comment = page.get_by_label("Comment", exact=True)
    comment.fill("a" * 4000)
    expect(page.locator(".counter")).to_have_count(0)
    comment.fill(("🙂" * 49 + "\n") * 99 + "🙂" * 49)
    expect(page.locator(".counter")).to_have_text("1 characters left")
    comment.fill("    " + "a" * 4990 + "  \n")
    expect(page.locator(".counter")).to_have_text("10 characters left")
    page.get_by_label("Name", exact=True).fill("e\u0301" * 40 + "   x")
    expect(page.locator(".field-name .counter")).to_have_count(0)
    comment.fill(("🙂" * 49 + "\n") * 100 + "ab")
    expect(page.locator(".field-comment .counter")).to_have_text("2 characters over the limit")
    page.get_by_label("Name", exact=True).fill("Ada")
    post(page)
    expect(page.get_by_text("is 5002 characters long; the limit is 5000")).to_be_visible()


def test_by_keyboard_alone(open_page, quiet_article):
    page = open_page(quiet_article)
    comment = page.get_by_label("Comment", exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if comment.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.type("Typed without a mouse.")
    page.keyboard.press("Tab")
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")  # skip the honeypot, which the keyboard cannot reach
    expect(page.get_by_role("button", name="Post comment")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".is-waiting")).to_contain_text("Typed without a mouse.")


def test_the_honeypot_is_for_programs_alone(open_page, quiet_article):
    page = open_page(quiet_article)
    box = page.locator(".field-website").bounding_box()
    assert box["width"] <= 1
    expect(page.get_by_role("textbox")).to_have_count(2)


@pytest.mark.parametrize("javascript", [False, True])
def test_a_closed_conversation_keeps_the_text(open_page, say, quiet_article, javascript):
    page = open_page(quiet_article, java_script_enabled=javascript)
    write(page, "Too late?")
    say("Conversation.objects.update_or_create(article=article, defaults={'policy': 'closed'})")
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("Comments on this article are closed.")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Too late?")


def test_sent_again_after_a_lost_answer_it_is_one_comment_and_its_author_s_own(open_page, quiet_article):
    page = open_page(quiet_article)

    def lose_the_answer(route):
        route.fetch(max_redirects=0)
        page.context.clear_cookies()
        route.abort()

    page.route("**/comments/", lose_the_answer)
    write(page, "Through a tunnel")
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("couldn’t post your comment")
    assert page.context.cookies() == []
    page.unroute("**/comments/")
    post(page)
    expect(page.locator(".comment")).to_have_count(1)
    expect(page.locator(".is-waiting")).to_contain_text("Through a tunnel")
    expect(page.locator(".is-waiting").get_by_role("link", name="Delete")).to_be_visible()


def test_two_comments_from_one_page_are_two(open_page, quiet_article):
    page = open_page(quiet_article)
    keys = set()
    for text in ("The first one.", "The second one."):
        write(page, text)
        keys.add(page.locator("[name=idempotency_key]").input_value())
        post(page)
        expect(page.locator(".is-waiting").filter(has_text=text)).to_be_visible()
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 2


def test_a_double_click_without_javascript_is_one_comment_and_shown(open_page, quiet_article):
    page = open_page(quiet_article, java_script_enabled=False)
    write(page, "Click, click.")
    page.get_by_role("button", name="Post comment").dblclick()
    expect(page.locator(".is-waiting")).to_have_count(1)  # after the second click has cancelled the first request
    expect(page.locator(".is-waiting")).to_contain_text("Click, click.")
