"""Proofs of work and tickets of new devices: each is accepted once, for one comment."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.identity import create_device_id
from comments.models import Attack, Comment
from comments.rate_limits import NETWORK_NEW_DEVICES_PER_MINUTE
from comments.statuses import Status
from comments.submission import attack_mode
from comments.submission.proof_of_work import WAIT_SECONDS
from tests.abuse.flood import address, attack, form_fields, solve_page_challenge, submit_proof_form
from tests.conftest import client_of, make_article, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("low_attack_limits")]


def test_a_challenged_reader_finds_their_words_and_why(article, rng):
    attack(article, 8, rng=rng)
    text = "Line one\n\n  <b>line</b> two & \"three\" 'four'"
    page = send(Client(), article, comment=text, name="Zoë <i>", address=address(60_000))
    assert page.status_code == 422
    assert "We’re getting far more comments than usual" in page.text
    fields = form_fields(page.text)
    assert (fields["comment"], fields["name"]) == (text, "Zoë <i>")
    assert page["Cache-Control"].startswith("max-age=0")
    assert not page.cookies


def test_without_scripts_one_waits_and_is_held_in_the_row_of_the_attack(article, rng):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="No scripts in this browser.", address=address(60_000))
    early = submit_proof_form(article, page)
    assert early.status_code == 422
    assert form_fields(early.text)["ticket"] == form_fields(page.text)["ticket"]
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        assert submit_proof_form(article, early).status_code == 303
    comment = Comment.objects.latest("pk")
    assert comment.status == Status.PENDING
    assert comment.cluster == Attack.objects.get().cluster
    assert "comments.rules.builtin.came_in_an_attack" in [each["rule"] for each in comment.decisions.get().findings]


@pytest.mark.parametrize("changed", ["comment", "name", "article"])
def test_a_solution_is_good_for_one_comment_alone(article, rng, changed):
    attack(article, 8, rng=rng)
    other = make_article()
    attack(other, 8, rng=rng)
    page = send(Client(), article, comment="These words and no others.", address=address(60_000))
    fields = {changed: "Something else"} if changed in {"comment", "name"} else {}
    again = submit_proof_form(
        other if changed == "article" else article,
        page,
        proof=solve_page_challenge(page.text),
        **fields,
    )
    assert again.status_code == 422
    assert 'class="write proof"' in again.text


@pytest.mark.parametrize(
    "proof", ["", "x", "e30=", "bnVsbA==", "W10=", "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6MX19", "A" * 5000, "é\0"]
)
def test_what_is_no_solution_is_a_challenge_again(article, rng, proof):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="These words and no others.", address=address(60_000))
    assert submit_proof_form(article, page, proof=proof, ticket=f"{proof}:1:2").status_code == 422


def test_an_eleventh_new_device_of_a_network_in_a_minute_solves_a_proof_and_is_treated_as_always(
    article, rng, monkeypatch
):
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 20)
    monkeypatch.setattr(attack_mode, "MIN_SITE_LIMIT", 40)
    sent = attack(article, NETWORK_NEW_DEVICES_PER_MINUTE, networks=1, rng=rng)
    assert {each.status_code for each in sent} == {303}
    page = send(Client(), article, comment="The eleventh of this class.", address=address(0))
    assert "from your network" in page.text
    assert submit_proof_form(article, page, network=0, proof=solve_page_challenge(page.text)).status_code == 303
    assert Comment.objects.latest("pk").cluster is None
    assert send(Client(), article, comment="From elsewhere.", address=address(9)).status_code == 303


def test_a_solution_is_accepted_once_whatever_cookies_come_with_it(article, rng):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="These words and no others.", address=address(60_000))
    proof = solve_page_challenge(page.text)
    answers = []
    for n in range(4):
        client = Client()
        client.cookies = client_of(create_device_id()).cookies
        answers.append(submit_proof_form(article, page, client=client, network=60_000 + n, proof=proof).status_code)
    assert answers == [303, 422, 422, 422]


def test_a_wait_is_accepted_once(article, rng):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="No scripts in this browser.", address=address(60_000))
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        answers = [
            submit_proof_form(article, page, client=client_of(create_device_id()), network=60_000 + n).status_code
            for n in range(3)
        ]
    assert answers == [303, 422, 422]


def test_a_reader_without_scripts_gets_in_behind_a_busy_network(article, rng, monkeypatch):
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 20)
    attack(article, 12, networks=1, rng=rng)
    page = send(Client(), article, comment="No scripts, same school.", address=address(0))
    assert page.status_code == 422
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        attack(article, 12, networks=1, rng=rng)
        assert submit_proof_form(article, page, network=0).status_code == 303
    comment = Comment.objects.latest("pk")
    assert (comment.status, comment.cluster) == (Status.PENDING, None)


def test_a_reader_whose_address_changes_gets_in(article, rng):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="On the train.", address=address(60_000))
    assert submit_proof_form(article, page, network=60_001, proof=solve_page_challenge(page.text)).status_code == 303


def test_the_script_gives_up_after_two_challenges(article, rng):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="One reader.", address=address(60_000))
    attempts = []
    for _ in range(3):
        attempts.append(form_fields(page.text)["attempt"])
        page = submit_proof_form(article, page, proof="bad")
    assert attempts == ["1", "2", "3"]
    assert form_fields(submit_proof_form(article, page, attempt="1e9", proof="bad").text)["attempt"] == "1"


def test_a_ticket_that_was_used_is_not_handed_out_again(article, rng):
    attack(article, 8, rng=rng)
    page = send(Client(), article, comment="No scripts in this browser.", address=address(60_000))
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        submit_proof_form(article, page)
        again = submit_proof_form(article, page, network=60_001)
    assert again.status_code == 422
    assert form_fields(again.text)["ticket"] != form_fields(page.text)["ticket"]
