"""Addresses of one mailbox count as one, however they are spelled, and all of a domain may be one person's."""

from datetime import timedelta
from itertools import count

from django.core.management import call_command
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.imports.records import device_of_email
from comments.models import Comment, ConfirmationRequest, Subscription, SuppressedAddress
from comments.notifications.subscriptions import MAX_PER_ADDRESS, MAX_PER_DOMAIN, confirm, subscribe, unsubscribe
from comments.privacy.data_subject import DataSubject, DataSubjectNotFound
from comments.readers.form_limit import FormRefused
from comments.text.mailboxes import normalize_mailbox, owned_domain
from tests.conftest import client_of, make_article, make_comment
from tests.support.notifications import create_subscription, deliver_emails

pytestmark = pytest.mark.django_db

OF_ONE_MAILBOX = [
    *["hesterquaile@gmail.com", "hester.quaile@gmail.com", "h.esterquaile@gmail.com", "he.sterquaile@gmail.com"],
    *["hes.terquaile@gmail.com", "hest.erquaile@gmail.com", "heste.rquaile@gmail.com", "h.e.s.t.e.r.quaile@gmail.com"],
    *["hesterq.uaile@gmail.com", "hesterqu.aile@gmail.com", "hesterqua.ile@gmail.com", "hesterquai.le@gmail.com"],
    *[
        "hesterquaile@googlemail.com",
        "hester.quaile@googlemail.com",
        "HESTERQUAILE@gmail.com",
    ],
    *[
        "Hester.Quaile@Gmail.com",
        "hesterquaile+news@gmail.com",
        "hester.quaile+1@gmail.com",
        "hesterquaile+2@gmail.com",
    ],
    *["hester.quaile+x@googlemail.com", "hester.quail.e+y@gmail.com"],
    *["hesterquail.e@googlemail.com", "h.ester.q.uaile@GOOGLEMAIL.com"],
]
_devices = count(1)


def ask(address):
    """Ask from another device and another network each time. Return whether the form was taken."""
    number = next(_devices)
    try:
        subscribe(address, device=f"device-{number}", network=f"network-{number}", decisions=True, replies="never")
    except FormRefused:
        return False
    return True


def test_23_spellings_of_one_mailbox_are_asked_three_times_a_day():
    assert len(set(OF_ONE_MAILBOX)) == 23
    assert all(ask(address) for address in OF_ONE_MAILBOX)  # the response does not reveal which emails are sent
    assert len(deliver_emails()) == MAX_PER_ADDRESS == 3
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        ask(OF_ONE_MAILBOX[5])
        assert len(deliver_emails()) == 1


def test_a_letter_goes_to_the_address_as_it_was_typed():
    ask("Hester.Quaile+news@googlemail.com")
    assert [letter.to for letter in deliver_emails()] == [["Hester.Quaile+news@googlemail.com"]]


def test_who_declined_is_not_asked_again_under_another_spelling():
    ask(OF_ONE_MAILBOX[0])
    assert unsubscribe(token=Subscription.objects.get().token)
    assert SuppressedAddress.objects.count() == 1
    deliver_emails()
    for address in OF_ONE_MAILBOX:
        ConfirmationRequest.objects.all().delete()  # as on another day
        ask(address)
    assert deliver_emails() == []


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("a.b+x@gmail.com", "ab@googlemail.com"),
        ("Ada@Example.ORG", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada+tag@outlook.com", "ada@outlook.com"),
        ("ada+tag@example.org", "ada@example.org"),
        ("ada_l.o-velace@protonmail.com", "adalovelace@pm.me"),
        ("ada@me.com", "ada+1@icloud.com"),
        ("ada.l@ya.ru", "ada-l@yandex.com"),
        ("shop@ada.fastmail.com", "ada+news@fastmail.com"),
        (" ada@example.org. ", "ada@example.org"),
    ],
)
def test_these_lead_to_one_mailbox(address, other):
    assert normalize_mailbox(address) == normalize_mailbox(other)


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("a.b@example.org", "ab@example.org"),
        ("a.b@outlook.com", "ab@outlook.com"),
        ("a.b@yahoo.com", "ab@yahoo.com"),
        ("a-b@gmail.com", "ab@gmail.com"),
        ("ab@yandex.ru", "a.b@yandex.ru"),
        ("ada@gmail.com", "ada@gmail.example"),
        ("ada@hotmail.com", "ada@outlook.com"),
        ("a.b@icloud.com", "ab@icloud.com"),
        ("ada@fastmail.com", "ada@fastmail.fm"),
        ("+a@example.org", "+b@example.org"),
    ],
)
def test_these_may_be_two_people_s(address, other):
    assert normalize_mailbox(address) != normalize_mailbox(other)


@pytest.mark.parametrize(
    "address", ["", "@", "ada", "ada@", "@gmail.com", "...@gmail.com", "a@" + "ü" * 300, "a@\ud800"]
)
def test_what_is_no_address_breaks_nothing(address):
    assert isinstance(normalize_mailbox(address), str)
    assert isinstance(owned_domain(address), str)


# --- A domain whose mail one person reads ---------------------------------------------------------------------------


def test_a_stranger_s_own_domain_is_asked_twenty_times_a_day_and_then_told_so():
    answers = [ask(f"victim{number}@catch-all.example") for number in range(30)]
    assert answers == [True] * MAX_PER_DOMAIN + [False] * 10
    assert len(deliver_emails()) == MAX_PER_DOMAIN
    assert not ask("ada@sub.catch-all.example")
    assert ask("ada@another.example")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert ask("victim@catch-all.example")


def test_who_is_told_so_keeps_what_was_typed():
    for number in range(MAX_PER_DOMAIN):
        ask(f"victim{number}@catch-all.example")
    make_comment(make_article(), device="adas")
    client = client_of("adas")
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/letters/", {"address": "ada@catch-all.example", "replies": "never"}, headers=headers)
    assert answer.status_code == 429
    assert "ada@catch-all.example" in answer.text


def test_those_of_a_university_who_confirm_never_come_to_the_limit():
    for number in range(3 * MAX_PER_DOMAIN):
        assert ask(f"student{number}@cs.uni.ac.uk")
        confirm(Subscription.objects.latest("pk").token)
    assert len(set(ConfirmationRequest.objects.values_list("domain_key", flat=True))) == 1


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "yahoo.co.uk", "web.de", "gmx.net", "ada.fastmail.com"])
def test_customers_of_a_large_provider_have_nothing_to_do_with_each_other(domain):
    assert all(ask(f"reader{number}@{domain}") for number in range(2 * MAX_PER_DOMAIN))


@pytest.mark.parametrize(
    ("address", "owned"),
    [
        ("a@paper.example", "paper.example"),
        ("a@news.paper.example", "paper.example"),
        ("a@mail.paper.co.uk", "paper.co.uk"),
        ("a@paper.co.uk", "paper.co.uk"),
        ("a@x.y.paper.de", "paper.de"),
        ("a@one.abc.io", "abc.io"),
        ("a@bücher.example", "xn--bcher-kva.example"),
        ("a@hotmail.fr", ""),
    ],
)
def test_the_owner_of_a_domain_has_what_is_under_it(address, owned):
    assert owned_domain(address) == owned


# --- One person's data ----------------------------------------------------------------------------------------------


def test_one_person_s_data_is_found_and_erased_by_any_spelling(capsys):
    article = make_article()
    own = make_comment(article, device="adas", text="My own words.")
    imported = make_comment(article, device=device_of_email("ada.l@gmail.com"), text="From the old site.")
    others = make_comment(article, device="others", text="Not mine.")
    create_subscription("adas", "a.da.l@gmail.com")
    create_subscription("others", "ada.l@example.org")
    ask("ada.l@googlemail.com")  # asked for by another reader, not confirmed
    person = DataSubject.of_address("Ada.L+x@googlemail.com")
    assert {comment.pk for comment in person.comments()} == {own.pk, imported.pk}
    assert person.subscriptions().count() == 2
    assert person.confirmation_requests().count() == 1
    call_command("personal_data", "--email=Ada.L+x@googlemail.com", "erase")
    texts = dict(Comment.objects.values_list("pk", "text"))
    assert texts == {own.pk: "", imported.pk: "", others.pk: "Not mine."}
    assert list(Subscription.objects.values_list("device", flat=True)) == ["others"]
    assert not ConfirmationRequest.objects.exists()
    with pytest.raises(DataSubjectNotFound):
        DataSubject.of_address("adal@gmail.com")


def test_a_subscription_from_before_its_key_was_kept_is_found_as_it_is_spelled():
    create_subscription("adas", "ada.l@gmail.com")
    Subscription.objects.update(address_key="")
    assert DataSubject.of_address("ADA.L@gmail.com").devices >= {"adas"}


def test_an_import_takes_one_person_for_one():
    assert (
        device_of_email("Ada.L@Gmail.com ")
        == device_of_email("adal@googlemail.com")
        != device_of_email("ada.l@example.org")
    )
    assert device_of_email(" ") == ""


def test_the_page_of_letters_knows_the_address_as_it_was_typed():
    create_subscription("adas", "Ada.L@googlemail.com")
    make_comment(make_article(), device="adas")
    assert "A…@googlemail.com" in client_of("adas").get("/letters/").text
    assert Client().get("/letters/").status_code == 404
