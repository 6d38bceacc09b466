"""Two-factor authentication by keyboard, with and without JavaScript, on phone and desktop, in both palettes."""

from base64 import b32decode
import re

from playwright.sync_api import expect
import pytest

from tests.browser.test_accessibility import violations
from tests.newsite.accounts.codes import code_of
from tests.support.template_databases import PASSWORD

QUEUE_URL = "/admin/comments/moderation/"
FORGET_WRONG_ATTEMPT = """
from django_otp.plugins.otp_static.models import StaticDevice
StaticDevice.objects.update(throttling_failure_count=0)
"""


@pytest.fixture(
    params=[(360, "dark", True), (1280, "light", True), (360, "light", False)],
    ids=["a phone in the dark", "a desktop by day", "without JavaScript"],
)
def page(request, open_page, site):
    """Open the login page as a user who has never logged in; call `check()` on each later page."""
    width, scheme, has_javascript = request.param
    name = f"second-{width}-{scheme}"
    site.python(
        f"from django.contrib.auth.models import User; User.objects.create_superuser({name!r}, '', {PASSWORD!r})"
    )
    page = open_page(
        QUEUE_URL, java_script_enabled=has_javascript, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    page.name = name
    page.set_default_timeout(10_000)

    def check(title):
        expect(page).to_have_title(re.compile(title))
        if has_javascript:  # which axe needs
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.check = check
    return page


def type_in(page, *fields):
    """Type the fields by keyboard alone, starting at the focused field."""
    for number, text in enumerate(fields):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page, role, name):
    with page.expect_navigation():
        page.get_by_role(role, name=name).press("Enter")


def give_password(page):
    page.get_by_label("Username").focus()
    type_in(page, page.name, PASSWORD)


def test_set_up_kept_asked_for_and_given_up(page, site, tmp_path):
    give_password(page)
    press(page, "link", "Two-factor authentication")
    page.check("Set up two-factor authentication")
    key = b32decode(page.locator(".key").inner_text().replace(" ", "")).hex()
    type_in(page, "000 000")  # the field has the focus
    page.check("Error: Set up two-factor authentication")
    expect(page.get_by_text("Wrong code.")).to_be_visible()
    page.get_by_label("Code from your authenticator app").fill("")
    type_in(page, code_of(key))
    page.check("Your recovery codes")
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").press("Enter")
    download.value.save_as(tmp_path / "codes.txt")
    assert set(codes) < set((tmp_path / "codes.txt").read_text().splitlines())
    press(page, "link", "I’ve saved them")
    press(page, "button", "Log out")

    page.goto(QUEUE_URL)
    give_password(page)
    page.check("Enter your code")
    page.get_by_text("I don’t have my phone").press("Enter")
    page.check("Enter your code")
    page.get_by_label("Recovery code").focus()
    type_in(page, "aaaa-aaaa")
    page.check("Error: Enter your code")
    expect(page.get_by_text("Wrong code, or it has already been used.")).to_be_visible()
    expect(page.get_by_label("Recovery code")).to_be_focused()
    site.python(FORGET_WRONG_ATTEMPT)  # otherwise the next attempt would wait for a second
    page.get_by_label("Code from your authenticator app").focus()
    type_in(page, code_of(key, step=1))
    expect(page).to_have_title(re.compile("Moderation"))

    page.goto("/admin/second-factor/")
    page.check("Two-factor authentication")
    expect(page.get_by_text("You have 10 recovery codes left.")).to_be_visible()
    page.get_by_label("New code from your app, or a recovery code").fill(codes[0])
    press(page, "button", "Turn off")
    page.check("Set up two-factor authentication")
    assert page.console_errors == []


def test_too_many_wrong_passwords_are_told_when_to_come_again(open_page):
    page = open_page("/admin/", viewport={"width": 360, "height": 800})
    for _ in range(5):
        page.get_by_label("Username").fill("nobody")
        page.get_by_label("Password").focus()
        type_in(page, "wrong")
    expect(page.get_by_text("Please try again in 15 minutes.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
