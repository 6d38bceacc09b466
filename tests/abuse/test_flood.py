"""Floods from devices that nobody knows yet, and the readers among them."""

from datetime import timedelta
import itertools
import random
import secrets

from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.identity import create_device_id, hash_network
from comments.models import Attack, Comment, NewDeviceHour, NewDevicePost, SitePolicy, UsualRate
from comments.models.attack import QUIET_PERIOD
from comments.queue.queues import Queue
from comments.rules.builtin import NETWORK_NEW_DEVICES_PER_MINUTE
from comments.rules.facts import Proof
from comments.statuses import Status
from comments.submission import attack_mode
from comments.submission.attack_clusters import collect_initial_comments
from comments.submission.proof_of_work import WAIT_SECONDS, Given
from comments.submission.usual_rate import update_usual_rate
from tests.abuse.flood import address, attack, distinct_text, fields_of, solution_of
from tests.conftest import client_of, established_client, make_article, make_comment, send, trusted_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]


@pytest.fixture
def chance():
    return random.Random(7)


@pytest.fixture
def small(monkeypatch):
    """Limits by which a few posts are a flood."""
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 5)
    monkeypatch.setattr(attack_mode, "MIN_SITE_LIMIT", 10)


HONEST = [
    "I was on that ferry myself, and the crew did all they could.",
    "Why does nobody ask what the new bridge will cost in ten years?",
    "My son starts school there in autumn, so thank you for the photographs.",
    "The minutes of the council are public; page nine says the opposite.",
]


def rows():
    return list(Queue.PENDING.ordered_rows())


def answer(article, page, *, client=None, network=60_000, **changed):
    """Send the form of a page with a proof of work."""
    fields = {**fields_of(page.text), **changed}
    url, headers = f"{article.get_absolute_url()}comments/", {"Sec-Fetch-Site": "same-origin"}
    return (client or Client()).post(url, fields, headers=headers, REMOTE_ADDR=address(network))


def test_a_flood_fills_neither_the_page_nor_the_queue(article, chance, settings):
    settings.COMMENT_TRUSTED_AFTER = 0
    answers = attack(article, 150, chance=chance)
    while collect_initial_comments():
        pass
    assert {each.status_code for each in answers} == {303, 422}
    assert not Comment.objects.approved().filter(article=article).exists()
    assert len(rows()) <= 2
    running = Attack.objects.get()
    assert running.article == article
    assert running.challenged_count >= 140
    assert running.pending_count == Comment.objects.filter(status=Status.PENDING).count() <= 10


def test_honest_new_readers_get_through_a_flood(article, chance, settings):
    settings.COMMENT_TRUSTED_AFTER = 0
    attack(article, 8, chance=chance)
    for n, text in enumerate(HONEST):
        attack(article, 10, chance=chance)
        page = send(Client(), article, comment=text, address=address(60_000 + n))
        assert page.status_code == 422
        taken = answer(article, page, network=60_000 + n, proof=solution_of(page.text))
        assert taken.status_code == 303
    assert Comment.objects.approved().filter(article=article, text__in=HONEST).count() == len(HONEST)


def test_a_challenged_reader_finds_their_words_and_why(article, chance):
    attack(article, 8, chance=chance)
    text = "Line one\n\n  <b>line</b> two & \"three\" 'four'"
    page = send(Client(), article, comment=text, name="Zoë <i>", address=address(60_000))
    assert page.status_code == 422
    assert "We’re getting far more comments than usual" in page.text
    fields = fields_of(page.text)
    assert (fields["comment"], fields["name"]) == (text, "Zoë <i>")
    assert page["Cache-Control"].startswith("max-age=0")
    assert not page.cookies


def test_trusted_readers_notice_nothing(article, chance):
    client = trusted_client(make_article())
    attack(article, 12, chance=chance)
    assert send(client, article, comment="I have been reading this for years.").status_code == 303
    assert Comment.objects.latest("pk").is_public()
    assert send(established_client(), article, comment="So have I, and my mother too.").status_code == 303


def test_without_scripts_one_waits_and_is_held_in_the_row_of_the_attack(article, chance):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="No scripts in this browser.", address=address(60_000))
    early = answer(article, page)
    assert early.status_code == 422
    assert fields_of(early.text)["ticket"] == fields_of(page.text)["ticket"]
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        assert answer(article, early).status_code == 303
    comment = Comment.objects.latest("pk")
    assert comment.status == Status.PENDING
    assert comment.cluster == Attack.objects.get().cluster
    assert "comments.rules.builtin.came_in_an_attack" in [each["rule"] for each in comment.decisions.get().findings]


@pytest.mark.parametrize("changed", ["comment", "name", "article"])
def test_a_solution_is_good_for_one_comment_alone(article, chance, changed):
    attack(article, 8, chance=chance)
    other = make_article()
    attack(other, 8, chance=chance)
    page = send(Client(), article, comment="These words and no others.", address=address(60_000))
    fields = {changed: "Something else"} if changed in {"comment", "name"} else {}
    again = answer(
        other if changed == "article" else article,
        page,
        proof=solution_of(page.text),
        **fields,
    )
    assert again.status_code == 422
    assert 'class="write proof"' in again.text


@pytest.mark.parametrize(
    "proof", ["", "x", "e30=", "bnVsbA==", "W10=", "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6MX19", "A" * 5000, "é\0"]
)
def test_what_is_no_solution_is_a_challenge_again(article, chance, proof):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="These words and no others.", address=address(60_000))
    assert answer(article, page, proof=proof, ticket=f"{proof}:1:2").status_code == 422


def test_those_who_solve_it_in_masses_are_held_in_one_row(article, chance, settings, monkeypatch):
    settings.COMMENT_TRUSTED_AFTER = 0
    solved = (Given(Proof.SOLVED, secrets.token_hex(16)) for _ in itertools.count())
    monkeypatch.setattr("comments.submission.collect_facts.check_proof", lambda proof, ticket, purpose: next(solved))
    attack(article, 8, chance=chance)
    for n in range(15):
        send(Client(), article, comment=distinct_text(chance), address=address(10_000 + n), proof="solved")
    collect_initial_comments()
    assert Comment.objects.approved().count() <= attack_mode.MIN_ARTICLE_LIMIT
    assert len(rows()) <= 2


def test_an_attack_under_one_article_leaves_the_others_alone(article, chance):
    attack(article, 8, chance=chance)
    assert send(Client(), make_article(), comment="About something else.", address=address(60_000)).status_code == 303


def test_a_flood_over_many_articles_is_one_on_the_site(chance):
    articles = [make_article() for _ in range(10)]
    for number, each in enumerate(articles):
        attack(each, 3, first=3 * number, chance=chance)
    assert Attack.objects.get().article is None
    assert send(Client(), make_article(), comment="Late.", address=address(60_000)).status_code == 422


def test_it_ends_by_itself(article, chance):
    attack(article, 8, chance=chance)
    with time_machine.travel(timezone.now() + QUIET_PERIOD + timedelta(seconds=61)):
        assert send(Client(), article, comment="It is quiet now.", address=address(60_000)).status_code == 303
        assert not Attack.objects.running().exists()
        assert Attack.objects.get().ended_at() is not None


def test_it_goes_on_as_long_as_the_flood_does(article, chance):
    start = timezone.now()
    for minute in range(0, 12, 2):
        with time_machine.travel(start + timedelta(minutes=minute)):
            attack(article, 8, chance=chance)
    assert Attack.objects.count() == 1
    assert Attack.objects.get().last_exceeded_at > start + timedelta(minutes=9)


def test_a_hundred_posts_of_one_device_are_no_flood(article):
    client = Client()
    send(client, article, comment="The first one.")
    for n in range(30):
        with time_machine.travel(timezone.now() + timedelta(seconds=2 * n), tick=False):
            send(client, article, comment=f"Number {n} of the same reader.")
    assert not Attack.objects.exists()


def test_the_limit_is_a_multiple_of_what_is_usual(article, chance):
    UsualRate.objects.create(pk=1, site=100, article=50)
    attack(article, 12, chance=chance)
    assert not Attack.objects.exists()


@pytest.mark.parametrize(("mode", "status"), [("on", 422), ("off", 303)])
def test_moderators_switch_it(article, chance, mode, status):
    SitePolicy.objects.create(pk=1, attack_mode=mode)
    if mode == "off":
        attack(article, 12, chance=chance)
    assert send(Client(), article, comment="Hello there.", address=address(60_000)).status_code == status
    assert Attack.objects.filter(is_manual=True).exists() == (mode == "on")


def test_an_eleventh_new_device_of_a_network_in_a_minute_solves_a_proof_and_is_treated_as_always(
    article, chance, monkeypatch
):
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 20)
    monkeypatch.setattr(attack_mode, "MIN_SITE_LIMIT", 40)
    sent = attack(article, NETWORK_NEW_DEVICES_PER_MINUTE, networks=1, chance=chance)
    assert {each.status_code for each in sent} == {303}
    page = send(Client(), article, comment="The eleventh of this class.", address=address(0))
    assert "from your network" in page.text
    assert answer(article, page, network=0, proof=solution_of(page.text)).status_code == 303
    assert Comment.objects.latest("pk").cluster is None
    assert send(Client(), article, comment="From elsewhere.", address=address(9)).status_code == 303


def test_what_a_moderator_has_approved_stays_when_an_attack_begins(article, chance, moderator, settings):
    settings.COMMENT_TRUSTED_AFTER = 0
    attack(article, 5, chance=chance)
    seen = Comment.objects.latest("pk")
    Comment.objects.filter(pk=seen.pk).update(reviewed_at=timezone.now())
    attack(article, 8, chance=chance)
    collect_initial_comments()
    assert list(Comment.objects.approved()) == [seen]


def test_an_edit_does_not_take_a_comment_out_of_the_row_of_an_attack(article, chance):
    attack(article, 8, chance=chance)
    client = Client()
    page = send(client, article, comment="No scripts in this browser.", address=address(60_000))
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        answer(article, page, client=client)
        comment = Comment.objects.latest("pk")
        changed = {"comment": "Something else altogether, and longer than it was."}
        client.post(f"/comments/{comment.pk}/edit/", changed, headers={"Sec-Fetch-Site": "same-origin"})
    comment.refresh_from_db()
    assert comment.text.startswith("Something else")
    assert comment.cluster == Attack.objects.get().cluster


def test_the_desk_says_when_why_and_how_many_and_decides_on_all_at_once(article, chance, moderator):
    attack(article, 12, chance=chance)
    collect_initial_comments()
    client = Client()
    client.force_login(moderator)
    desk = client.get("/admin/comments/moderationqueue/").text
    assert f"Attack on “{article.headline}”" in desk
    assert "Limit: 5." in desk
    assert "comments had to pass a proof-of-work check" in desk
    assert "from the same attack" in desk
    raid = Attack.objects.get().cluster
    page = client.get(f"/admin/comments/moderationqueue/raid/{raid.pk}/")
    assert "Comments from the same attack" in page.text
    data = {"cluster": raid.pk, "shown": page.context["shown"], "move": "spam"}
    client.post("/admin/comments/moderationqueue/many/", data)
    assert not Comment.objects.filter(status=Status.PENDING).exists()
    listed = client.get("/admin/comments/attack/").text
    assert "ongoing" in listed


def test_what_is_usual_is_measured_over_hours_without_an_attack():
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    for n in range(30):
        NewDeviceHour.objects.create(hour=hour + timedelta(hours=n), site=20 + n % 10, article=8, is_attack=False)
    NewDeviceHour.objects.create(hour=hour - timedelta(hours=1), site=5000, article=5000, is_attack=True)
    update_usual_rate()
    usual = UsualRate.objects.get()
    assert (usual.site, usual.article) == (24, 8)


def test_a_minute_that_is_over_is_taken_into_its_hour_and_then_forgotten(article):
    at = timezone.now().replace(minute=30, second=10) - timedelta(hours=1)
    for n in range(12):
        NewDevicePost.objects.create(article=article, device=f"device-{n % 6}", network=f"net-{n % 6}", at=at)
    update_usual_rate()
    hour = NewDeviceHour.objects.get()
    assert (hour.site, hour.article) == (6, 6)
    assert not NewDevicePost.objects.exists()


def test_one_network_makes_no_attack_however_many_cookies_it_has(article, chance):
    honest = [
        send(Client(), make_article(), comment=text, address=address(60_000 + n)) for n, text in enumerate(HONEST)
    ]
    attack(article, 60, networks=1, chance=chance)
    assert {each.status_code for each in honest} == {303}
    assert not Attack.objects.exists()
    assert not Comment.objects.filter(cluster__isnull=False).exists()


def test_a_solution_is_accepted_once_whatever_cookies_come_with_it(article, chance):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="These words and no others.", address=address(60_000))
    proof = solution_of(page.text)
    answers = []
    for n in range(4):
        client = Client()
        client.cookies = client_of(create_device_id()).cookies
        answers.append(answer(article, page, client=client, network=60_000 + n, proof=proof).status_code)
    assert answers == [303, 422, 422, 422]


def test_a_wait_is_accepted_once(article, chance):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="No scripts in this browser.", address=address(60_000))
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        answers = [
            answer(article, page, client=client_of(create_device_id()), network=60_000 + n).status_code
            for n in range(3)
        ]
    assert answers == [303, 422, 422]


def test_many_solutions_of_one_network_crowd_nobody_out(article, chance, settings):
    settings.COMMENT_TRUSTED_AFTER = 0
    attack(article, 8, chance=chance)
    for _ in range(8):
        page = send(Client(), article, comment=distinct_text(chance), address=address(50_000))
        assert answer(article, page, network=50_000, proof=solution_of(page.text)).status_code == 303
    page = send(Client(), article, comment=HONEST[0], address=address(60_000))
    answer(article, page, proof=solution_of(page.text))
    assert Comment.objects.latest("pk").is_public()


def test_a_reader_without_scripts_gets_in_behind_a_busy_network(article, chance, monkeypatch):
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 20)
    attack(article, 12, networks=1, chance=chance)
    page = send(Client(), article, comment="No scripts, same school.", address=address(0))
    assert page.status_code == 422
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        attack(article, 12, networks=1, chance=chance)
        assert answer(article, page, network=0).status_code == 303
    comment = Comment.objects.latest("pk")
    assert (comment.status, comment.cluster) == (Status.PENDING, None)


def test_a_reader_whose_address_changes_gets_in(article, chance):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="On the train.", address=address(60_000))
    assert answer(article, page, network=60_001, proof=solution_of(page.text)).status_code == 303


def test_a_challenge_and_its_answer_are_one_device(article, chance):
    attack(article, 8, chance=chance)
    before = NewDevicePost.objects.values("device").distinct().count()
    page = send(Client(), article, comment="One reader.", address=address(60_000))
    answer(article, page, proof=solution_of(page.text))
    assert NewDevicePost.objects.values("device").distinct().count() == before + 1


def test_the_script_gives_up_after_two_challenges(article, chance):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="One reader.", address=address(60_000))
    attempts = []
    for _ in range(3):
        attempts.append(fields_of(page.text)["attempt"])
        page = answer(article, page, proof="bad")
    assert attempts == ["1", "2", "3"]
    assert fields_of(answer(article, page, attempt="1e9", proof="bad").text)["attempt"] == "1"


def test_a_known_reader_is_not_held_for_a_busy_network(article, monkeypatch):
    monkeypatch.setattr("comments.rules.builtin.NETWORK_HOLD_PER_MINUTE", 5)
    client = trusted_client(make_article())
    for n in range(6):
        make_comment(article, network=hash_network("127.0.0.1"), status=Status.PENDING, device=f"other-{n}")
    assert send(client, article, comment="I have been reading this for years.").status_code == 303
    assert Comment.objects.latest("pk").is_public()


def test_one_network_stores_a_bounded_number_of_challenges(article, chance):
    attack(article, 60, networks=1, chance=chance)
    assert NewDevicePost.objects.count() <= 2 * NETWORK_NEW_DEVICES_PER_MINUTE


def test_a_ticket_that_was_used_is_not_handed_out_again(article, chance):
    attack(article, 8, chance=chance)
    page = send(Client(), article, comment="No scripts in this browser.", address=address(60_000))
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        answer(article, page)
        again = answer(article, page, network=60_001)
    assert again.status_code == 422
    assert fields_of(again.text)["ticket"] != fields_of(page.text)["ticket"]
