"""What JavaScript adds to writing a comment, and what works by keyboard alone."""

from playwright.sync_api import expect
import pytest

from tests.site import RunningSite


@pytest.fixture
def quiet_article(site: RunningSite):
    """The address of an article that nobody has commented yet, or few have."""
    code = (
        "from articles.models import Article, Section\n"
        "from django.utils import timezone\n"
        "print(Article.objects.create(headline='Quiet', body='<p>Nothing much.</p>', "
        "section=Section.objects.first(), published_at=timezone.now(), "
        "slug=f'quiet-{timezone.now().timestamp():.6f}'.replace('.', '-')).get_absolute_url())"
    )
    return site.python(code)


def write(page, comment, name="Ada"):
    page.get_by_label("Comment", exact=True).fill(comment)
    page.get_by_label("Name", exact=True).fill(name)


def post(page):
    page.get_by_role("button", name="Post comment").click()


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
    expect(page.get_by_role("alert")).to_contain_text("could not be sent")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Into the void")
    page.unroute("**/comments/")
    post(page)
    expect(page.locator(".is-waiting")).to_contain_text("Into the void")


def test_the_counter_shows_when_it_matters_and_counts_as_the_server_does(open_page, quiet_article):
    page = open_page(quiet_article)
    comment = page.get_by_label("Comment", exact=True)
    comment.fill("a" * 4000)
    expect(page.locator(".counter")).to_have_count(0)
    comment.fill("🙂\n" * 2499 + "🙂")
    expect(page.locator(".counter")).to_have_text("1 characters left")
    comment.fill("    " + "a" * 4990 + "  \n")
    expect(page.locator(".counter")).to_have_text("10 characters left")
    page.get_by_label("Name", exact=True).fill("e\u0301" * 40 + "   x")
    expect(page.locator(".field-name .counter")).to_have_count(0)
    comment.fill("🙂\n" * 2500 + "ab")
    expect(page.locator(".field-comment .counter")).to_have_text("2 characters too many")
    page.get_by_label("Name", exact=True).fill("Ada")
    post(page)
    expect(page.get_by_text("it has 5002 characters, and 5000 fit")).to_be_visible()


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
    page.keyboard.press("Tab")  # past the honeypot, which no keyboard reaches
    expect(page.get_by_role("button", name="Post comment")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".is-waiting")).to_contain_text("Typed without a mouse.")


def test_the_honeypot_is_for_programs_alone(open_page, quiet_article):
    page = open_page(quiet_article)
    box = page.locator(".field-website").bounding_box()
    assert box["width"] <= 1
    expect(page.get_by_role("textbox")).to_have_count(2)


@pytest.mark.parametrize("javascript", [False, True])
def test_a_closed_conversation_keeps_the_text(open_page, site, quiet_article, javascript):
    page = open_page(quiet_article, java_script_enabled=javascript)
    write(page, "Too late?")
    code = "from comments.models import *; Conversation(article=Article.objects.latest('pk'), policy='closed').save()"
    site.python(code)
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("Comments are closed.")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Too late?")


@pytest.fixture
def debate(site: RunningSite):
    """The address of an article with a comment that has replies."""
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
    expect(page.locator("#replying")).to_contain_text(f"You reply to {name}")
    if javascript:
        expect(answered.locator("form.write")).to_be_visible()
        expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    write(page, f"An answer ({javascript=}).")
    post(page)
    mine = page.locator(".comment", has_text=f"An answer ({javascript=}).").last
    expect(mine).to_contain_text("Waiting for approval.")
    expect(mine).to_contain_text(f"in reply to {name}")
    expect(mine).to_have_class("comment level-2 is-waiting")


@pytest.mark.parametrize("javascript", [False, True])
def test_a_reply_begun_can_become_a_thread_of_its_own(open_page, debate, javascript):
    page = open_page(debate, java_script_enabled=javascript)
    page.get_by_role("link", name="Reply to").first.click()
    page.get_by_role("link", name="Open a thread instead").click()
    write(page, f"On second thoughts ({javascript=}).")
    post(page)
    expect(page.locator(".is-waiting")).to_have_class("comment level-1 is-waiting")


@pytest.mark.parametrize("javascript", [False, True])
def test_more_replies_are_a_click_away(open_page, site, quiet_article, javascript):
    site.python(
        "from comments.models import *; from comments.statuses import Status\n"
        "article = Article.objects.latest('pk'); Conversation.objects.create(article=article)\n"
        "def say(text, parent=None):\n"
        "    comment = Comment(article=article, name='Ada', text=text, status=Status.APPROVED)\n"
        "    comment.place_under(parent); comment.save(); count_public(comment, 1); return comment\n"
        "\n"
        "opening = say('Who begins?')\n"
        "for n in range(120): say(f'Reply {n}.', opening)\n"
    )
    page = open_page(quiet_article, java_script_enabled=javascript)
    expect(page.locator(".comment")).to_have_count(6)
    page.get_by_role("link", name="Show 115 more replies").click()
    expect(page.get_by_text("Reply 50.")).to_be_visible()
    expect(page.locator(".comment")).to_have_count(106 if javascript else 101)
    page.get_by_role("link", name="Show more replies").click()
    expect(page.get_by_text("Reply 119.")).to_be_visible()


def test_readers_choose_the_order(open_page, debate):
    page = open_page(debate, java_script_enabled=False)
    first = page.locator(".comment.level-1").first.get_attribute("id")
    page.get_by_role("link", name="Oldest").click()
    expect(page.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    assert page.locator(".comment.level-1").first.get_attribute("id") != first


@pytest.mark.parametrize("javascript", [False, True])
def test_a_reader_recommends_and_takes_it_back(open_page, site, quiet_article, javascript):
    site.python(
        "from comments.models import *; from comments.statuses import Status\n"
        "article = Article.objects.latest('pk'); Conversation.objects.create(article=article)\n"
        "comment = Comment(article=article, name='Grace', text='A fine point.', status=Status.APPROVED)\n"
        "comment.place_under(None); comment.save(); count_public(comment, 1)\n"
    )
    page = open_page(quiet_article, java_script_enabled=javascript)
    page.get_by_role("button", name="Recommend Grace’s comment").click()
    back = page.get_by_role("button", name="Take back your recommendation of Grace’s comment")
    expect(back).to_contain_text("Recommended 1")
    back.click()
    expect(page.get_by_role("button", name="Recommend Grace’s comment")).to_be_visible()
    assert ("/recommend/" in page.url) != javascript


@pytest.mark.parametrize("javascript", [False, True])
def test_an_author_withdraws_a_comment(open_page, quiet_article, javascript):
    page = open_page(quiet_article, java_script_enabled=javascript)
    write(page, "On reflection, no.")
    post(page)
    page.locator(".is-waiting").get_by_role("link", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_text("You have withdrawn it.")).to_be_visible()
    page.goto(f"{quiet_article}yours/")
    expect(page.get_by_text("On reflection, no.")).to_have_count(0)
