"""Subscription pages: subscribing, confirming, changing, unsubscribing."""

from datetime import timedelta

from django.core import mail
from django.test import Client
from django.utils import timezone
import pytest

from comments.identity import DEVICE_COOKIE
from comments.models import Comment, ConfirmationRequest, Notification, Subscription
from comments.notifications.subscriptions import MAX_PER_ADDRESS, MAX_PER_DEVICE, MAX_PER_NETWORK
from tests.conftest import make_article, send, trusted_client
from tests.support.notifications import create_subscription, deliver_emails

LETTERS = "/letters/"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
MAIL_PROGRAM = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}


@pytest.fixture
def author(article):
    """Return the client of a reader who has just posted a comment."""
    client = Client()
    send(client, article, comment="My own words.")
    return client


def ask(client, address="ada@example.org", headers=SAME_ORIGIN, **fields):
    data = {"address": address, "decisions": "on", "replies": "at_once", **fields}
    return client.post(LETTERS, {name: value for name, value in data.items() if value is not None}, headers=headers)


def link_in(letter):
    return next(line for line in letter.body.splitlines() if "/letters/" in line).removeprefix("http://testserver")


def test_asked_for_confirmed_and_on(author):
    response = ask(author)
    assert response.status_code == 303
    page = author.get(response["Location"]).text
    assert "a…@example.org" in page
    assert "ada@" not in page
    (letter,) = deliver_emails()
    assert letter.to == ["ada@example.org"]
    link = link_in(letter)
    assert link not in page
    stranger = Client()  # the email may be read on another device
    assert "Yes, email me" in stranger.get(link).text
    stranger.post(link, {"confirm": "1"}, headers=SAME_ORIGIN)
    assert Subscription.objects.get().is_confirmed()
    assert "Emails go to" in author.get("/comments/yours/").text


def test_it_is_offered_where_one_has_written_and_in_no_other_place(author, article):
    yours = f"{article.get_absolute_url()}yours/"
    assert 'action="/letters/"' in author.get(yours).text
    assert 'action="/letters/"' in author.get("/comments/yours/").text
    for page in (article.get_absolute_url(), yours, "/comments/yours/"):
        assert 'action="/letters/"' not in Client().get(page).text
    assert 'action="/letters/"' not in author.get(f"{make_article().get_absolute_url()}yours/").text
    assert 'action="/letters/"' not in author.get(article.get_absolute_url()).text
    ask(author)
    assert 'action="/letters/"' not in author.get(yours).text


def test_the_page_that_htmx_gets_after_a_post_offers_it_too(article):
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    assert 'action="/letters/"' in send(Client(), article, headers=headers).text


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_program_that_scans_mail_changes_nothing(author, method):
    ask(author)
    (letter,) = deliver_emails()
    for link in (link_in(letter), f"{link_in(letter)}stop/"):
        assert getattr(Client(), method)(link, {"confirm": "1"}, follow=True).status_code == 200
    assert not Subscription.objects.get().is_confirmed()


def test_one_click_stops_them_from_anywhere_as_often_as_one_likes(db):
    token = create_subscription("adas").token
    client = Client(enforce_csrf_checks=True)
    for _ in range(3):
        response = client.post(f"{LETTERS}{token}/stop/", {"List-Unsubscribe": "One-Click"}, headers=MAIL_PROGRAM)
        assert response.status_code == 200
        assert response.cookies == {}
    assert not Subscription.objects.exists()
    assert "You’re unsubscribed" in client.get(f"{LETTERS}{token}/").text


def test_stopping_forgets_the_address_and_what_waited(author, article):
    ask(author)
    subscription = Subscription.objects.get()
    Client().post(f"{LETTERS}{subscription.token}/stop/", headers=MAIL_PROGRAM)
    assert not Notification.objects.exists()
    assert deliver_emails() == []


@pytest.mark.parametrize("token", ["1", "x" * 59, "x" * 5000, "..", "a%00b", "%f0%9f%90%9f"])
def test_a_wrong_token_is_nothing(db, token):
    nearly = create_subscription("adas").token[:-1]
    for address in (f"{LETTERS}{token}/", f"{LETTERS}{token}/stop/", f"{LETTERS}{nearly}/", f"{LETTERS}{nearly}/stop/"):
        assert Client().get(address, follow=True).status_code in {400, 404}
        assert Client().post(address, {"confirm": "1"}).status_code in {400, 404}
    assert Subscription.objects.count() == 1


def test_a_token_is_good_for_its_own_subscription_alone(db):
    mine, theirs = create_subscription("adas"), create_subscription("bobs", "bob@example.org")
    Client().post(f"{LETTERS}{mine.token}/stop/", {"id": theirs.pk, "token": theirs.token, "device": "bobs"})
    assert list(Subscription.objects.all()) == [theirs]


def test_what_one_gets_is_changed_by_the_link(db):
    token = create_subscription("adas").token
    assert Client().post(f"{LETTERS}{token}/", {"replies": "daily"}).status_code == 303
    changed = Subscription.objects.get()
    assert (changed.decisions, changed.replies) == (False, "daily")
    assert Client().post(f"{LETTERS}{token}/", {"replies": "hourly"}).status_code == 422
    assert Client().put(f"{LETTERS}{token}/").status_code == 405


def test_saving_wishes_does_not_confirm(db):
    subscription = create_subscription("adas", confirmed_at=None)
    Client().post(f"{LETTERS}{subscription.token}/", {"replies": "daily"})
    assert not Subscription.objects.get().is_confirmed()


def test_another_address_has_to_be_confirmed_by_another_link(author):
    ask(author)
    old = Subscription.objects.get()
    Subscription.objects.update(confirmed_at=timezone.now())
    ask(author, "victim@example.org")
    new = Subscription.objects.get()
    assert not new.is_confirmed()
    assert new.token != old.token
    Client().post(f"{LETTERS}{old.token}/", {"confirm": "1"})
    assert not Subscription.objects.get().is_confirmed()
    assert new.token not in author.get(LETTERS).text + author.get("/comments/yours/").text


def test_the_same_address_again_only_changes_the_wishes(author):
    ask(author)
    Subscription.objects.update(confirmed_at=timezone.now())
    ask(author, replies="never", decisions=None)
    assert Subscription.objects.get().is_confirmed()
    assert Subscription.objects.get().replies == "never"
    assert Notification.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    [
        *["", "ada", "ada@", "@example.org", "a@localhost", "a@[127.0.0.1]", '"a b"@example.org', "a@b@c.org"],
        *["a\x00b@example.org", "a@example.org\r\nBcc: x@y.org", "ä@example.org", "a@🐟.x y"],
        "a" * 250 + "@example.org",
    ],
)
def test_what_is_no_address_is_said_at_the_field_and_kept(author, address):
    response = ask(author, address)
    assert response.status_code == 422
    assert 'id="letters_address_error"' in response.text
    assert "no-store" in response["Cache-Control"]
    if address.isascii() and address.isprintable() and '"' not in address:
        assert f'value="{address}"' in response.text or not address
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("address", ["ada@bücher.example", "a.b+tag@sub.example.org", "x" * 60 + "@example.org"])
def test_addresses_that_are_unusual_are_addresses(author, address):
    assert ask(author, address).status_code == 303
    (letter,) = deliver_emails()
    letter.message()


def test_a_stranger_cannot_be_pestered_and_nobody_learns_which_addresses_are_known(article, author):
    answers = []
    for number in range(MAX_PER_ADDRESS + 2):
        client = Client()
        send(client, article, comment=f"Words {number}", address=f"10.0.{number}.1")
        response = ask(client, f"Victim+{number}@Example.org")
        answers.append((response.status_code, client.get(LETTERS).text.count("sent a confirmation link")))
    assert set(answers) == {(303, 1)}
    assert len(deliver_emails()) == MAX_PER_ADDRESS


@pytest.mark.parametrize(("field", "limit"), [("device", MAX_PER_DEVICE), ("network", MAX_PER_NETWORK)])
def test_a_device_and_a_network_ask_only_so_often_a_day(author, field, limit):
    comment = Comment.objects.get()
    same = {"device": "another", "network": "another", field: getattr(comment, field)}
    for number in range(limit):
        ConfirmationRequest.objects.create(address_key=str(number), **same)
    response = ask(author)
    assert response.status_code == 429
    assert "ada@example.org" in response.text
    assert not Subscription.objects.exists()
    ConfirmationRequest.objects.update(at=timezone.now() - timedelta(days=1))
    assert ask(author).status_code == 303


def test_without_having_written_with_a_forged_cookie_or_from_another_site_there_is_nothing(author):
    forger = Client()
    forger.cookies[DEVICE_COOKIE] = "forged:cookie"
    for client in (Client(), forger):
        assert ask(client).status_code == 404
        assert client.get(LETTERS).status_code == 404
    assert ask(author, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Subscription.objects.exists()


def test_ones_own_device_can_forget_the_address(author):
    ask(author)
    author.post(LETTERS, {"forget": "1"}, headers=SAME_ORIGIN)
    assert not Subscription.objects.exists()


def test_no_cache_keeps_these_pages_and_no_other_site_learns_their_address(author):
    subscription = create_subscription("adas")
    for page in (author.get(LETTERS), Client().get(f"{LETTERS}{subscription.token}/")):
        assert "no-store" in page["Cache-Control"]
        assert "private" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.text


def test_the_address_is_on_no_page_of_the_article(author, article):
    ask(author)
    for address in (article.get_absolute_url(), f"{article.get_absolute_url()}yours/", "/comments/yours/", LETTERS):
        assert "ada@example.org" not in author.get(address).text


def test_links_do_not_follow_the_host_header(author):
    author.post(LETTERS, {"address": "a@example.org", "replies": "never"}, headers=SAME_ORIGIN, HTTP_HOST="localhost")
    (letter,) = deliver_emails()
    assert "localhost" not in letter.body
    assert mail.outbox


def test_an_address_of_ones_own_is_no_way_around_the_limit_of_a_strangers(db):
    """Separate limits: comments for one address must not count for the other."""
    written = []
    for number in range(6):
        client = trusted_client(make_article())
        for address in (f"own{number}@example.org", "stranger@example.org"):
            client.post("/letters/", {"address": address, "replies": "never"}, headers=SAME_ORIGIN)
        written += deliver_emails()
    assert sum(letter.to == ["stranger@example.org"] for letter in written) == MAX_PER_ADDRESS
