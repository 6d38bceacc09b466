"""Comments of a new reader in attack mode."""

from playwright.sync_api import expect
import pytest

from tests.browser.conftest import post, write
from tests.browser.test_accessibility import violations
from tests.support.template_databases import ATTACK_MODE


@pytest.fixture
def attack_mode(site):
    site.python(ATTACK_MODE.format("on"))
    yield
    site.python(ATTACK_MODE.format("off"))


@pytest.mark.usefixtures("attack_mode")
@pytest.mark.parametrize("htmx", [False, True])
def test_the_browser_solves_it_and_the_reader_arrives_at_their_comment(open_page, quiet_article, htmx):
    page = open_page(quiet_article)
    if not htmx:
        page.evaluate("document.getElementById('write').removeAttribute('data-hx-post')")
        page.evaluate("document.getElementById('write').replaceWith(document.getElementById('write').cloneNode(true))")
    write(page, f"I am new here ({htmx=}), <b>and</b> I was there.")
    post(page)
    page.wait_for_url(f"**{quiet_article}yours/#comment-*")
    expect(page.locator(".is-waiting")).to_contain_text(f"I am new here ({htmx=}), <b>and</b> I was there.")
    assert [said for said in page.console_errors if "422" not in said] == []
    page.goto(quiet_article)
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")


@pytest.mark.usefixtures("attack_mode")
def test_without_scripts_the_page_says_what_to_do_and_keeps_the_words(open_page, quiet_article):
    page = open_page(quiet_article, java_script_enabled=False)
    write(page, "No scripts here.")
    post(page)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    expect(page.get_by_text("Please wait 20 seconds, then press the button.")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("No scripts here.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("then press the button.")).to_be_visible()


@pytest.mark.usefixtures("attack_mode")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(open_page, quiet_article, scheme):
    page = open_page(quiet_article, color_scheme=scheme, viewport={"width": 360, "height": 740})
    page.add_init_script("Object.defineProperty(window, 'crypto', {value: undefined})")
    page.reload()
    write(page, "A browser without a secure context.")
    post(page)
    expect(page.get_by_text("Please wait 20 seconds, then press the button.")).to_be_visible()
    assert violations(page) == []
