from base64 import b32decode
from datetime import timedelta
import re
from urllib.parse import quote

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
import pytest
import time_machine

from tests.newsite.accounts.codes import KEY, code_of, signed_key_in, with_factor
from tests.support.html import Page

CODE, FACTOR, LOGIN, QUEUE_URL = "/admin/code/", "/admin/second-factor/", "/admin/login/", "/admin/comments/moderation/"


@pytest.fixture(autouse=True)
def clock():
    """Freeze the clock, so that no code expires between two lines of a test."""
    with time_machine.travel("2026-03-01 12:00:10Z", tick=False) as clock:
        yield clock


@pytest.fixture
def client(editor):
    """Return a client that has entered the password."""
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def required(settings):
    settings.STAFF_REQUIRE_2FA = True


def key_shown(page):
    shown = re.search(r'class="key">([A-Z2-7 ]+)<', page)[1]
    return b32decode(shown.replace(" ", "")).hex()


def is_in(client):
    return client.get(QUEUE_URL).status_code == 200


def test_whoever_wants_it_sets_it_up_and_is_asked_from_then_on(client, editor):
    page = client.get(FACTOR).text
    key = key_shown(page)
    answer = client.post(FACTOR, {"key": signed_key_in(page), "code": code_of(key)})
    assert len(re.findall(r"<code>[a-z2-7]{4}-[a-z2-7]{4}</code>", answer.text)) == 10
    assert "no-store" in answer["Cache-Control"]
    assert is_in(client)
    assert LogEntry.objects.get().get_change_message() == "Two-factor authentication turned on."
    elsewhere = Client()
    elsewhere.force_login(editor)
    assert elsewhere.get(QUEUE_URL)["Location"] == f"{LOGIN}?next={QUEUE_URL}"
    assert elsewhere.get(f"{LOGIN}?next={QUEUE_URL}")["Location"] == f"{CODE}?next={quote(QUEUE_URL, safe='')}"
    assert elsewhere.get(FACTOR)["Location"].startswith(CODE)


def test_to_look_stores_nothing(client):
    client.get(FACTOR)
    client.head(FACTOR)
    client.post(FACTOR, {})
    assert not TOTPDevice.objects.exists()


def test_a_wrong_code_is_an_error_at_the_field_and_the_key_stays(client):
    page = client.get(FACTOR).text
    answer = client.post(FACTOR, {"key": signed_key_in(page), "code": "000000"})
    assert "Wrong code. Check that your phone’s clock is right." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert key_shown(answer.text) == key_shown(page)
    assert not TOTPDevice.objects.exists()
    assert client.post(FACTOR, {"key": signed_key_in(answer.text), "code": code_of(key_shown(page))}).status_code == 200
    assert TOTPDevice.objects.count() == 1


def test_another_key_than_the_one_shown_is_not_taken(client, moderator):
    theirs = signing.dumps([moderator.pk, KEY], salt="newsite.accounts.views.key")
    for forged in (theirs, KEY, signing.dumps(KEY), "", "x" * 5000):
        answer = client.post(FACTOR, {"key": forged, "code": code_of()})
        assert "Please scan this new code" in answer.text
        assert key_shown(answer.text) != KEY
    assert not TOTPDevice.objects.exists()


def test_a_key_shown_too_long_ago_is_not_taken(client, clock):
    page = client.get(FACTOR).text
    clock.shift(timedelta(hours=1, seconds=1))
    answer = client.post(FACTOR, {"key": signed_key_in(page), "code": code_of(key_shown(page))})
    assert "Please scan this new code" in answer.text
    assert not TOTPDevice.objects.exists()


def test_whoever_has_only_the_password_cannot_set_up_another(client, editor):
    page = client.get(FACTOR).text
    with_factor(editor)
    answer = client.post(FACTOR, {"key": signed_key_in(page), "code": code_of(key_shown(page))})
    assert answer["Location"].startswith(CODE)
    assert TOTPDevice.objects.get().key == KEY


def test_the_code_leads_to_where_one_wanted(client, editor):
    with_factor(editor)
    session = client.session.session_key
    assert not is_in(client)
    answer = client.post(CODE, {"code": f" {code_of()[:3]} {code_of()[3:]} ", "next": QUEUE_URL})
    assert (answer.status_code, answer["Location"]) == (302, QUEUE_URL)
    assert is_in(client)
    assert client.session.session_key != session
    assert client.get(f"{CODE}?next={QUEUE_URL}")["Location"] == QUEUE_URL


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_leads_nowhere_else(client, editor, elsewhere):
    with_factor(editor)
    assert client.get(LOGIN, {"next": elsewhere})["Location"] == f"{CODE}?next=%2Fadmin%2F"
    assert "evil" not in client.get(CODE, {"next": elsewhere}).text
    assert client.post(f"{CODE}?next={elsewhere}", {"code": code_of(), "next": elsewhere})["Location"] == "/admin/"


def test_a_code_is_good_once(client, editor):
    with_factor(editor)
    assert client.post(CODE, {"code": code_of()}).status_code == 302
    again = Client()
    again.force_login(editor)
    assert "it has already been used" in again.post(CODE, {"code": code_of()}).text
    assert not is_in(again)


@pytest.mark.parametrize(("step", "status"), [(-2, 200), (-1, 302), (1, 302), (2, 200)])
def test_a_clock_may_be_wrong_by_half_a_minute(client, editor, step, status):
    with_factor(editor)
    assert client.post(CODE, {"code": code_of(step=step)}).status_code == status


def test_guesses_are_slowed_down_and_recovery_codes_are_not_by_them(client, editor, clock):
    recovery, *_others = with_factor(editor)
    client.post(CODE, {"code": "000000"})
    answer = client.post(CODE, {"code": code_of()})
    assert "Too many wrong codes. Try again in 1 second." in answer.text
    TOTPDevice.objects.update(throttling_failure_count=10)
    assert "Try again in 512 seconds" in client.post(CODE, {"code": code_of()}).text
    assert not is_in(client)
    assert client.post(CODE, {"recovery": "1", "code": recovery}).status_code == 302
    clock.shift(timedelta(seconds=512))
    again = Client()
    again.force_login(editor)
    assert again.post(CODE, {"code": code_of()}).status_code == 302


@pytest.mark.parametrize(
    "typed", ["", " ", "12345", "1234567", "abcdef", "0" * 21, "\0", "-1", "１２３４５６", "' OR 1=1--", "²³⁴⁵⁶⁷"]
)
@pytest.mark.parametrize("form", [{}, {"recovery": "1"}])
def test_a_code_that_cannot_be_is_an_error(client, editor, typed, form):
    with_factor(editor)
    answer = client.post(CODE, {"code": typed, **form})
    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert not is_in(client)


def test_a_recovery_code_is_good_once_however_it_is_typed(client, editor):
    recovery, *others = with_factor(editor)
    typed = recovery.upper().replace("-", " ")
    assert client.post(CODE, {"recovery": "1", "code": typed}).status_code == 302
    assert is_in(client)
    assert "You have 9 recovery codes left." in client.get(FACTOR).text
    again = Client()
    again.force_login(editor)
    assert again.post(CODE, {"recovery": "1", "code": recovery}).status_code == 200
    assert not is_in(again)
    assert len(others) == 9


def test_recovery_codes_are_not_kept_as_they_are(editor):
    codes = {code.replace("-", "") for code in with_factor(editor)}
    assert not codes & set(StaticToken.objects.values_list("token", flat=True))


def test_anothers_code_opens_nothing(client, editor, moderator):
    with_factor(editor)
    theirs = with_factor(moderator)
    TOTPDevice.objects.filter(user=moderator).update(key="00" * 20)
    for data in ({"code": code_of("00" * 20)}, {"recovery": "1", "code": theirs[0]}):
        assert client.post(CODE, data).status_code == 200
    assert StaticToken.objects.filter(device__user=moderator).count() == 10


def test_new_recovery_codes_take_a_code_and_make_the_others_useless(client, editor):
    old = with_factor(editor)
    client.post(CODE, {"code": code_of()})
    assert "<code>" not in client.post(FACTOR, {"action": "codes", "code": "000000"}).text
    TOTPDevice.objects.update(throttling_failure_count=0)
    answer = client.post(FACTOR, {"action": "codes", "code": code_of(step=1)})
    new = re.findall(r"<code>([a-z2-7-]+)</code>", answer.text)
    assert len(new) == 10
    again = Client()
    again.force_login(editor)
    assert again.post(CODE, {"recovery": "1", "code": old[0]}).status_code == 200
    StaticToken.objects.get(pk=StaticToken.objects.first().pk).device.throttle_reset()
    assert again.post(CODE, {"recovery": "1", "code": new[0]}).status_code == 302


def test_it_is_taken_away_with_a_code_and_then_asked_no_more(client, editor):
    recovery, *_others = with_factor(editor)
    client.post(CODE, {"code": code_of()})
    for data in ({"action": "disable"}, {"action": "away", "code": "0000000"}, {"code": code_of(step=1)}):
        client.post(FACTOR, data)
    assert TOTPDevice.objects.exists()
    TOTPDevice.objects.update(last_t=-1)
    StaticToken.objects.first().device.throttle_reset()
    assert client.post(FACTOR, {"action": "disable", "code": recovery})["Location"] == FACTOR
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert LogEntry.objects.latest("pk").get_change_message() == "Two-factor authentication turned off."
    assert is_in(client)


def test_the_file_of_recovery_codes_is_in_its_link(client):
    page = client.get(FACTOR).text
    answer = Page(client.post(FACTOR, {"key": signed_key_in(page), "code": code_of(key_shown(page))}).text)
    (link,) = [attributes for tag, attributes in answer.elements if tag == "a" and "download" in attributes]
    assert link["href"].startswith("data:text/plain;charset=utf-8,Recovery%20codes%20for%20testserver%0A")
    assert link["href"].count("-") >= 10


def test_the_qr_code_is_drawn_here_and_no_page_runs_anything(client, editor):
    page = client.get(FACTOR).text
    assert "<svg" in page
    assert "otpauth://totp/newsite%3Aeditor?secret=" in page
    with_factor(editor)
    for html in (page, client.get(CODE).text):
        assert "style=" not in html
        assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_who_wants_to_be_somebody_else_is_logged_out(client, editor):
    with_factor(editor)
    assert client.post(CODE, {"leave": "1", "next": QUEUE_URL})["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_a_stranger_is_sent_to_the_login(db, required):
    for address in (CODE, FACTOR):
        assert Client().get(address)["Location"] == f"{LOGIN}?next=%2Fadmin%2F"
        assert Client().post(address, {"code": "1"}).status_code == 302


@pytest.mark.parametrize("address", [CODE, FACTOR])
def test_other_methods_and_forged_requests_are_refused(client, editor, address):
    assert client.put(address).status_code == 405
    assert client.delete(address).status_code == 405
    forging = Client(enforce_csrf_checks=True)
    forging.force_login(editor)
    assert forging.post(address, {"code": code_of()}).status_code == 403


def test_where_it_is_required_one_is_led_to_set_it_up(client, required):
    assert client.get(QUEUE_URL)["Location"] == f"{LOGIN}?next={QUEUE_URL}"
    page = client.get(QUEUE_URL, follow=True)
    assert [address for address, _status in page.redirect_chain][-1].startswith(FACTOR)
    assert "Two-factor authentication is required here" in page.text
    assert signed_key_in(page.text)
    data = {"key": signed_key_in(page.text), "code": code_of(key_shown(page.text)), "next": QUEUE_URL}
    assert f'<a href="{QUEUE_URL}" class="button default">' in client.post(FACTOR, data).text
    assert is_in(client)


def test_where_it_is_required_another_phone_is_set_up_at_once(client, editor, required):
    with_factor(editor)
    client.post(CODE, {"code": code_of()})
    assert "Set up a new phone" in client.get(FACTOR).text
    page = client.post(FACTOR, {"action": "disable", "code": code_of(step=1)}, follow=True)
    assert signed_key_in(page.text)
    assert not is_in(client)


def test_who_logs_in_gives_both(editor, required):
    with_factor(editor)
    client = Client()
    page = client.post(
        f"{LOGIN}?next={QUEUE_URL}", {"username": "editor", "password": "secret", "next": QUEUE_URL}, follow=True
    )
    assert "Enter your code" in page.text
    assert User.objects.get(username="editor").last_login
    client.post(CODE, {"code": code_of(), "next": QUEUE_URL})
    assert is_in(client)
    client.post("/admin/logout/")
    assert not is_in(client)
