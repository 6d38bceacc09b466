"""Rate limits of forms: the reader gets an explanation and their text back; other readers are unaffected."""

from datetime import timedelta

from django.core.management import call_command
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments import rate_limits
from comments.identity import hash_network
from comments.models import Comment, RateLimitEvent, Recommendation, Subscription
from comments.statuses import Status
from newsite.worker.worker import run_periodic_jobs
from tests.conftest import client_of, make_comment, send
from tests.support.notifications import create_subscription

DEVICE = f"{int(timezone.now().timestamp()):08x}{'0' * 24}"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.7"


@pytest.fixture
def own(article):
    return make_comment(article, text="My own.", device=DEVICE)


@pytest.fixture
def forms(article, own):
    """Return all forms of readers except the comment form: URL, fields, and the text that must come back."""
    other = make_comment(article, device="anothers")
    letter = f"/letters/{create_subscription(DEVICE).token}/"
    return {
        "recommend": (f"/comments/{other.pk}/recommend/", {}, "recommend"),
        "take back": (f"/comments/{other.pk}/recommend/", {"take_back": "1"}, "recommend"),
        "report": (f"/comments/{other.pk}/report/", {"complaint": "other", "note": "My reasons"}, "My reasons"),
        "edit": (f"/comments/{own.pk}/edit/", {"comment": "My new words"}, "My new words"),
        "withdraw": (f"/comments/{own.pk}/withdraw/", {}, "You’re going too fast."),
        "letters": ("/letters/", {"address": "ada@example.net", "replies": "daily"}, "ada@example.net"),
        "confirm": (letter, {"confirm": "1"}, "You’re going too fast."),
        "change": (letter, {"replies": "never"}, "You’re going too fast."),
    }


FORMS = ["recommend", "take back", "report", "edit", "withdraw", "letters", "confirm", "change"]


def sent(client, form, address=HERE):
    return client.post(form[0], form[1], headers={"Sec-Fetch-Site": "same-origin"}, REMOTE_ADDR=address)


def store_events(times, **whose):
    fields = {"device": "somebody", "network": "somewhere", **whose}
    RateLimitEvent.objects.bulk_create(RateLimitEvent(**fields) for _ in range(times))


@pytest.mark.parametrize("whose", ["device", "network"])
@pytest.mark.parametrize("name", FORMS)
def test_each_form_has_a_limit_for_the_device_and_one_for_the_network(forms, name, whose):
    if whose == "device":
        store_events(rate_limits.DEVICE_FORMS_PER_MINUTE, device=DEVICE)
    else:
        store_events(rate_limits.NETWORK_FORMS_PER_MINUTE, network=hash_network(HERE))
    before = list(Comment.objects.values()), list(Recommendation.objects.values()), list(Subscription.objects.values())
    response = sent(client_of(DEVICE), forms[name])
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "Please wait a minute" in response.text
    assert forms[name][2] in response.text
    after = list(Comment.objects.values()), list(Recommendation.objects.values()), list(Subscription.objects.values())
    assert after == before
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert sent(client_of(DEVICE), forms[name]).status_code == 303


@pytest.mark.parametrize("name", FORMS)
def test_each_form_counts(forms, name):
    assert sent(client_of(DEVICE), forms[name]).status_code == 303
    assert list(RateLimitEvent.objects.values_list("device", "network")) == [(DEVICE, hash_network(HERE))]


def test_to_recommend_and_take_back_in_turn_has_an_end(forms):
    client = client_of(DEVICE)
    turns = [sent(client, forms[name]).status_code for _ in range(11) for name in ("recommend", "take back")]
    assert turns == [303] * 20 + [429] * 2


def test_who_goes_on_although_told_to_wait_is_not_kept_waiting_for_it(forms):
    store_events(rate_limits.DEVICE_FORMS_PER_MINUTE, device=DEVICE)
    for _ in range(3):
        sent(client_of(DEVICE), forms["recommend"])
    assert RateLimitEvent.objects.count() == rate_limits.DEVICE_FORMS_PER_MINUTE


def test_others_go_on(forms):
    store_events(rate_limits.NETWORK_FORMS_PER_MINUTE, network=hash_network(HERE), device=DEVICE)
    assert sent(Client(), forms["recommend"], ELSEWHERE).status_code == 303


def test_an_edit_and_a_comment_are_told_when_to_come_again(article, own, forms, monkeypatch):
    monkeypatch.setattr(rate_limits, "YOUNG_DEVICE_COMMENTS_PER_MINUTE", 1)
    make_comment(article, device=DEVICE)
    for response in (sent(client_of(DEVICE), forms["edit"]), send(client_of(DEVICE), article, comment="My new words")):
        assert response.status_code == 429
        assert int(response["Retry-After"]) > 50
        assert "My new words</textarea>" in response.text


def test_letters_are_stopped_as_often_as_one_likes(forms):
    store_events(rate_limits.NETWORK_FORMS_PER_MINUTE, network=hash_network(HERE), device=DEVICE)
    token = Subscription.objects.get().token
    for _ in range(2):
        assert Client().post(f"/letters/{token}/stop/", REMOTE_ADDR=HERE).status_code == 200
    assert not Subscription.objects.exists()


def test_a_network_that_floods_is_refused_and_has_its_words_back(article, monkeypatch):
    monkeypatch.setattr(rate_limits, "NETWORK_REFUSE_PER_MINUTE", 3)
    answers = [send(Client(), article, comment=f"Number {number}.", address=HERE) for number in range(4)]
    assert [answer.status_code for answer in answers] == [303] * 3 + [429]
    assert answers[3]["Retry-After"] == "60"
    assert "Number 3.</textarea>" in answers[3].text
    assert send(Client(), article, comment="From elsewhere.", address=ELSEWHERE).status_code == 303
    assert Comment.objects.filter(status=Status.PENDING).count() == 4


def test_clicks_are_forgotten_after_minutes_and_with_their_person(own, forms):
    store_events(2, at=timezone.now() - timedelta(minutes=6))
    store_events(1, device=DEVICE)
    run_periodic_jobs()
    assert RateLimitEvent.objects.get().device == DEVICE
    call_command("personal_data", "--device", DEVICE, "erase")
    assert not RateLimitEvent.objects.exists()
