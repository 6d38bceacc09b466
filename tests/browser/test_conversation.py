"""Conversations: with and without JavaScript, by keyboard, and while other readers write."""

from playwright.sync_api import expect
import pytest

from tests.browser.conftest import post, write
from tests.browser.test_accessibility import violations
from tests.support.live_site import RunningSite


@pytest.fixture
def debate(site: RunningSite):
    """Return the path of an article with a comment that has replies."""
    return site.python(
        "from comments.models import Conversation\n"
        "print(Conversation.objects.get(article__slug='swing-bridge-on-the-hour').article.get_absolute_url())"
    )


@pytest.mark.parametrize("javascript", [False, True])
def test_a_reply_stands_under_what_it_answers(open_page, debate, javascript):
    page = open_page(debate, java_script_enabled=javascript)
    answered = page.locator(".comment.level-1").first
    name = answered.get_by_role("heading").inner_text()
    answered.get_by_role("link", name=f"Reply to {name}").first.click()
    expect(page.locator("#replying")).to_contain_text(f"Replying to {name}")
    if javascript:
        expect(answered.locator("form.write")).to_be_visible()
        expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    write(page, f"An answer ({javascript=}).")
    post(page)
    mine = page.locator(".comment", has_text=f"An answer ({javascript=}).").last
    expect(mine).to_contain_text("Awaiting approval.")
    expect(mine).to_contain_text(f"in reply to {name}")
    expect(mine).to_have_class("comment level-2 is-waiting")


@pytest.mark.parametrize("javascript", [False, True])
def test_a_reply_begun_can_become_a_thread_of_its_own(open_page, debate, javascript):
    page = open_page(debate, java_script_enabled=javascript)
    page.get_by_role("link", name="Reply to").first.click()
    page.get_by_role("link", name="Cancel reply").click()
    write(page, f"On second thoughts ({javascript=}).")
    post(page)
    expect(page.locator(".is-waiting")).to_have_class("comment level-1 is-waiting")


@pytest.mark.parametrize("javascript", [False, True])
def test_more_replies_are_a_click_away(open_page, say, quiet_article, javascript):
    say("opening = say('Who begins?')\nfor n in range(120): say(f'Reply {n}.', opening)\n")
    page = open_page(quiet_article, java_script_enabled=javascript)
    expect(page.locator(".comment")).to_have_count(6)
    page.get_by_role("link", name="Show 115 more replies").click()
    expect(page.get_by_text("Reply 50.")).to_be_visible()
    expect(page.locator(".comment")).to_have_count(106 if javascript else 101)
    page.get_by_role("link", name="Show more replies").click()
    expect(page.get_by_text("Reply 119.")).to_be_visible()


def test_a_link_to_a_comment_leads_to_the_page_where_it_stands(open_page, say, quiet_article):
    printed = say("first = say('The very first.')\nfor n in range(120): say(f'Thread {n}.')\nprint(first.pk)")
    page = open_page(f"{quiet_article}#comment-{printed}")
    expect(page.get_by_text("The very first.")).to_be_in_viewport()
    page.goto(quiet_article)
    page.evaluate(f"location.hash = 'comment-{printed}'")
    expect(page.get_by_text("The very first.")).to_be_in_viewport()
    assert page.console_errors == []


def test_a_link_to_a_comment_that_is_not_there_leads_nowhere_else(open_page, say, quiet_article, debate):
    other = say("print(say('Said elsewhere.').pk)")
    page = open_page(debate)
    for number in (other, "999999999"):
        with page.expect_response(f"**/comments/{number}/"):
            page.evaluate(f"location.hash = 'comment-{number}'")
        page.wait_for_load_state("networkidle")
        assert page.url.endswith(f"{debate}#comment-{number}")


def test_readers_choose_the_order(open_page, debate):
    page = open_page(debate, java_script_enabled=False)
    first = page.locator(".comment.level-1").first.get_attribute("id")
    page.get_by_role("link", name="Oldest").click()
    expect(page.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    assert page.locator(".comment.level-1").first.get_attribute("id") != first


@pytest.mark.parametrize("javascript", [False, True])
def test_a_reader_recommends_and_takes_it_back(open_page, say, quiet_article, javascript):
    say("say('A fine point.')")
    page = open_page(quiet_article, java_script_enabled=javascript)
    page.get_by_role("button", name="Recommend Grace’s comment").click()
    back = page.get_by_role("button", name="Remove your recommendation of Grace’s comment")
    expect(back).to_contain_text("Recommended 1")
    back.click()
    expect(page.get_by_role("button", name="Recommend Grace’s comment")).to_be_visible()
    assert ("/recommend/" in page.url) != javascript


@pytest.mark.parametrize("javascript", [False, True])
def test_an_author_withdraws_a_comment(open_page, quiet_article, javascript):
    page = open_page(quiet_article, java_script_enabled=javascript)
    write(page, "On reflection, no.")
    post(page)
    page.locator(".is-waiting").get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete comment").click()
    expect(page.get_by_text("You deleted it.")).to_be_visible()
    page.goto(f"{quiet_article}yours/")
    expect(page.get_by_text("On reflection, no.")).to_have_count(0)


@pytest.mark.parametrize("javascript", [False, True])
def test_page_after_page_of_threads(open_page, say, quiet_article, javascript):
    say("for n in range(45): say(f'Thread {n}.')")
    page = open_page(quiet_article, java_script_enabled=javascript)
    for first in ("Thread 44.", "Thread 24.", "Thread 4."):
        expect(page.locator(".comment").first).to_contain_text(first)
        if first != "Thread 4.":
            page.get_by_role("link", name="More comments").click()
    expect(page.get_by_role("link", name="More comments")).to_have_count(0)
    page.get_by_role("link", name="All comments").click()
    expect(page.locator(".comment").first).to_contain_text("Thread 44.")


@pytest.mark.parametrize("javascript", [False, True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_reports_a_comment(open_page, say, quiet_article, javascript, scheme):
    say("say('Buy my herrings.')")
    page = open_page(quiet_article, java_script_enabled=javascript, color_scheme=scheme)
    page.get_by_role("link", name="Report Grace’s comment").click()
    page.get_by_label("Anything else we should know? (optional)").fill("Third time today.")
    page.get_by_role("button", name="Report comment").click()
    expect(page.get_by_text("Please choose a reason.")).to_be_visible()
    expect(page.get_by_label("Anything else we should know? (optional)")).to_have_value("Third time today.")
    if javascript:
        assert violations(page) == []
    page.get_by_label("Spam or advertising").check()
    page.get_by_role("button", name="Report comment").click()
    expect(page.get_by_role("heading", name="Thank you. A moderator will review it.")).to_be_visible()
    page.get_by_role("link", name="Back to the comments").click()
    expect(page.get_by_text("Buy my herrings.")).to_be_visible()


@pytest.mark.parametrize("javascript", [False, True])
def test_an_author_edits_a_comment(open_page, quiet_article, javascript):
    page = open_page(quiet_article, java_script_enabled=javascript)
    write(page, "I was their.")
    post(page)
    page.locator(".is-waiting").get_by_role("link", name="Edit").click()
    field = page.get_by_label("Comment", exact=True)
    expect(field).to_have_value("I was their.")
    field.fill("")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Please enter your comment!")).to_be_visible()
    if javascript:
        assert violations(page) == []
    field.fill("I was there.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".is-waiting")).to_contain_text("I was there.")
    expect(page.locator(".is-waiting")).to_contain_text("edited")


def test_picks_and_badges_are_seen(open_page, say, quiet_article):
    say(
        "from comments.moderation.picks import pick; from django.contrib.auth.models import User\n"
        "editor = User.objects.get(username='editor')\n"
        "deep = say('A fine point.', say('Why?')); pick(Comment.objects.get(pk=deep.pk), actor=editor)\n"
        "say('We have looked into it.', name='The Desk', staff=editor)"
    )
    page = open_page(quiet_article)
    expect(page.locator(".comment", has_text="We have looked into it.")).to_contain_text("Staff")
    page.get_by_role("link", name="Editors’ picks").click()
    expect(page.locator(".comment")).to_have_count(1)
    expect(page.locator(".comment")).to_contain_text("A fine point.")
    assert violations(page) == []
    page.locator(".in-reply a").click()  # the comment is on another page
    expect(page.locator(".comment:target")).to_contain_text("Why?")


def test_ones_own_comments_and_votes_are_added_to_the_public_page(open_page, say, quiet_article):
    say("say('The first.')")
    page = open_page(quiet_article)
    page.get_by_role("button", name="Recommend Grace’s comment").click()
    page.get_by_role("button", name="Remove your recommendation of Grace’s comment").wait_for()
    page.get_by_role("link", name="Reply to Grace").click()
    write(page, "My reply.")
    post(page)
    page.locator(".is-waiting").wait_for()
    page.goto(quiet_article)
    expect(page.locator(".is-waiting")).to_contain_text("My reply.")
    expect(page.locator(".comment").nth(1)).to_have_class("comment level-2 is-waiting")
    expect(page.get_by_role("button", name="Remove your recommendation of Grace’s comment")).to_be_visible()
    expect(page.locator(".is-waiting").get_by_role("link", name="Edit")).to_be_visible()
    stranger = open_page(quiet_article)
    expect(stranger.get_by_text("My reply.")).to_have_count(0)


def test_ones_own_reply_stands_once_when_the_others_are_loaded(open_page, say, quiet_article):
    page = open_page(quiet_article)
    write(page, "Who begins?")
    post(page)
    page.locator(".is-waiting").wait_for()
    say(
        "from comments.moderation.decide import decide; comment = Comment.objects.latest('pk')\n"
        "decide(comment, Status.APPROVED, actor=None); opening = Comment.objects.get(pk=comment.pk)\n"
        "for n in range(7): say(f'Reply {n}.', opening)\n"
        "say('Mine.', opening, device=opening.device)\n"
        "for n in range(7, 9): say(f'Reply {n}.', opening)\n"
    )
    page.goto(f"{quiet_article}yours/")
    expect(page.locator(".comment", has_text="Mine.")).to_have_count(1)
    page.get_by_role("link", name="Show 4 more replies").click()
    expect(page.locator(".comment", has_text="Reply 8.")).to_be_visible()
    texts = page.locator(".comment .text").all_inner_texts()
    assert texts == ["Who begins?", *(f"Reply {n}." for n in range(7)), "Mine.", "Reply 7.", "Reply 8."]


def test_by_keyboard_the_focus_stays_where_one_is(open_page, say, quiet_article):
    say("opening = say('Who begins?')\nfor n in range(8): say(f'Reply {n}.', opening, name=f'R{n}')\n")
    page = open_page(quiet_article)
    page.get_by_role("button", name="Recommend Grace’s comment").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove your recommendation of Grace’s comment")).to_be_focused()
    page.get_by_role("link", name="Show 3 more replies").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".comment", has_text="Reply 5.")).to_be_focused()
    page.get_by_role("link", name="Reply to R5").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    page.keyboard.type("By hand.")
    for label in ("Name",):
        page.keyboard.press("Tab")
        expect(page.get_by_label(label, exact=True)).to_be_focused()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.locator(".is-waiting")).to_contain_text("By hand.")
    expect(page.locator(".is-waiting")).to_be_focused()


def test_a_vote_that_fails_is_said(open_page, say, quiet_article):
    say("say('The first.')")
    page = open_page(quiet_article)
    page.route("**/recommend/", lambda route: route.abort())
    page.get_by_role("button", name="Recommend Grace’s comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong.")


def test_a_reply_begun_in_place_survives_a_reload_with_whom_it_answers(open_page, say, quiet_article):
    say("say('The first.')")
    page = open_page(quiet_article)
    page.get_by_role("link", name="Reply to Grace").click()
    write(page, "Half a thought")
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Half a thought")
    expect(page.locator("#replying")).to_contain_text("Replying to Grace")


def test_times_tell_how_long_ago(open_page, say, quiet_article):
    say(
        "from datetime import timedelta; from django.utils import timezone\n"
        "for days in (0.2, 3, 30): say(f'{days} days', created_at=timezone.now() - timedelta(days=days, minutes=1))"
    )
    page = open_page(quiet_article)
    times = page.locator(".comment time").all_inner_texts()
    assert times[:2] == ["5 hours ago", "3 days ago"]
    assert "ago" not in times[2]
    absolute = open_page(quiet_article, java_script_enabled=False).locator(".comment time").all_inner_texts()
    assert not any("ago" in time for time in absolute)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_conversation_of_two_hundred_fits(open_page, say, quiet_article, width):
    say(
        "made = []\n"
        "for n in range(200):\n"
        "    parent = made[-1 - n * 7 % 25] if n > 25 and n % 4 else None\n"
        "    made.append(say('word ' * (1 + n % 60), parent, name='W' * (1 + n % 60)))\n"
    )
    page = open_page(quiet_article, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
