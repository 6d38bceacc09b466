"""Live updates: an open page shows new comments and keeps text that is being typed."""

from playwright.sync_api import expect

from tests.browser.conftest import post, write
from tests.browser.test_accessibility import violations


def test_something_new_is_told_without_losing_what_is_typed(open_page, say, quiet_article):
    say("say('The first.')")
    page = open_page(quiet_article)
    page.clock.install()
    page.reload()
    page.get_by_role("link", name="Reply to Grace").click()
    write(page, "Half a thought")
    say("for n in range(3): say(f'Later {n}.')")
    page.clock.run_for(21_000)
    news = page.get_by_role("button", name="Show 3 new comments")
    expect(news).to_be_visible()
    expect(page.get_by_text("Later 2.")).to_have_count(0)
    assert violations(page) == []
    news.click()
    expect(page.get_by_text("Later 2.")).to_be_visible()
    expect(page.get_by_role("heading", name="4 comments")).to_be_visible()
    expect(news).to_be_hidden()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Half a thought")
    expect(page.locator("#replying")).to_contain_text("Replying to Grace")
    expect(page.locator(".comment", has_text="The first.").locator("form.write")).to_be_visible()
    post(page)
    expect(page.locator(".is-waiting")).to_have_class("comment level-2 is-waiting")


def test_nothing_is_asked_while_the_page_is_hidden(open_page, say, quiet_article):
    page = open_page(quiet_article)
    page.clock.install()
    page.reload()
    asked = []
    page.on("request", lambda request: "published" in request.url and asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.clock.run_for(100_000)
    assert asked == []
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(1_000)
    assert len(asked) == 1


def test_the_first_comment_of_all_is_told_too(open_page, say, quiet_article):
    page = open_page(quiet_article)
    page.clock.install()
    page.reload()
    say("say('The first.')")
    page.clock.run_for(21_000)
    page.get_by_role("button", name="Show 1 new comment").click()
    expect(page.get_by_text("The first.")).to_be_visible()
    expect(page.get_by_text("No comments yet.")).to_have_count(0)
    assert page.console_errors == []


def test_after_coming_back_into_view_it_is_asked_every_twenty_seconds(open_page, say, quiet_article):
    page = open_page(quiet_article)
    page.clock.install()
    page.reload()
    asked = []
    page.on("request", lambda request: "published" in request.url and asked.append(request.url))
    page.clock.run_for(12_000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(20_500)
    assert len(asked) == 2


def test_an_address_half_typed_survives_the_news(open_page, say, quiet_article):
    page = open_page(quiet_article)
    page.clock.install()
    page.reload()
    write(page, "Mine.")
    post(page)
    page.get_by_text("Email me about my comments").click()
    page.get_by_label("Email address").fill("ada@exa")
    say("say('Theirs.')")
    page.clock.run_for(21_000)
    page.get_by_role("button", name="Show 1 new comment").click()
    expect(page.get_by_text("Theirs.")).to_be_visible()
    expect(page.get_by_label("Email address")).to_have_value("ada@exa")
