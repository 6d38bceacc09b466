"""Floods from unknown devices, and honest readers among them."""

from datetime import timedelta
import itertools
import secrets

from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments import rate_limits
from comments.identity import hash_network
from comments.models import Attack, Comment, NewDeviceHour, NewDevicePost, SitePolicy, UsualRate
from comments.models.attack import QUIET_PERIOD
from comments.queue.queues import Queue
from comments.rate_limits import NETWORK_NEW_DEVICES_PER_MINUTE
from comments.rules.facts import Proof
from comments.statuses import Status
from comments.submission import attack_mode, collect_facts
from comments.submission.attack_clusters import collect_initial_comments
from comments.submission.proof_of_work import WAIT_SECONDS, CheckedProof
from comments.submission.usual_rate import update_usual_rate
from tests.abuse.flood import HONEST_COMMENTS, address, attack, distinct_text, solve_page_challenge, submit_proof_form
from tests.conftest import established_client, make_article, make_comment, send, trusted_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("low_attack_limits")]


def rows():
    return list(Queue.PENDING.ordered_rows())


def test_a_flood_fills_neither_the_page_nor_the_queue(article, rng, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    answers = attack(article, 150, rng=rng)
    while collect_initial_comments():
        pass
    assert {each.status_code for each in answers} == {303, 422}
    assert not Comment.objects.approved().filter(article=article).exists()
    assert len(rows()) <= 2
    running = Attack.objects.get()
    assert running.article == article
    assert running.challenged_count >= 140
    assert running.pending_count == Comment.objects.filter(status=Status.PENDING).count() <= 10


def test_honest_new_readers_get_through_a_flood(article, rng, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    attack(article, 8, rng=rng)
    for n, text in enumerate(HONEST_COMMENTS):
        attack(article, 10, rng=rng)
        page = send(Client(), article, comment=text, address=address(60_000 + n))
        assert page.status_code == 422
        taken = submit_proof_form(article, page, network=60_000 + n, proof=solve_page_challenge(page.text))
        assert taken.status_code == 303
    assert Comment.objects.approved().filter(article=article, text__in=HONEST_COMMENTS).count() == len(HONEST_COMMENTS)


def test_trusted_readers_notice_nothing(article, rng):
    client = trusted_client(make_article())
    attack(article, 12, rng=rng)
    assert send(client, article, comment="I have been reading this for years.").status_code == 303
    assert Comment.objects.latest("pk").is_public()
    assert send(established_client(), article, comment="So have I, and my mother too.").status_code == 303


def test_those_who_solve_it_in_masses_are_held_in_one_row(article, rng, settings, monkeypatch):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    solved = (CheckedProof(Proof.SOLVED, secrets.token_hex(16)) for _ in itertools.count())
    monkeypatch.setattr(collect_facts, "check_proof", lambda proof, ticket, purpose: next(solved))
    attack(article, 8, rng=rng)
    for n in range(15):
        send(Client(), article, comment=distinct_text(rng), address=address(10_000 + n), proof="solved")
    collect_initial_comments()
    assert Comment.objects.approved().count() <= attack_mode.MIN_ARTICLE_LIMIT
    assert len(rows()) <= 2


def test_an_attack_under_one_article_leaves_the_others_alone(article, rng):
    attack(article, 8, rng=rng)
    assert send(Client(), make_article(), comment="About something else.", address=address(60_000)).status_code == 303


def test_a_flood_over_many_articles_is_one_on_the_site(rng):
    articles = [make_article() for _ in range(10)]
    for number, each in enumerate(articles):
        attack(each, 3, first=3 * number, rng=rng)
    assert Attack.objects.get().article is None
    assert send(Client(), make_article(), comment="Late.", address=address(60_000)).status_code == 422


def test_it_ends_by_itself(article, rng):
    attack(article, 8, rng=rng)
    with time_machine.travel(timezone.now() + QUIET_PERIOD + timedelta(seconds=61)):
        assert send(Client(), article, comment="It is quiet now.", address=address(60_000)).status_code == 303
        assert not Attack.objects.running().exists()
        assert Attack.objects.get().ended_at() is not None


def test_it_goes_on_as_long_as_the_flood_does(article, rng):
    start = timezone.now()
    for minute in range(0, 12, 2):
        with time_machine.travel(start + timedelta(minutes=minute)):
            attack(article, 8, rng=rng)
    assert Attack.objects.count() == 1
    assert Attack.objects.get().last_exceeded_at > start + timedelta(minutes=9)


def test_a_hundred_posts_of_one_device_are_no_flood(article):
    client = Client()
    send(client, article, comment="The first one.")
    for n in range(30):
        with time_machine.travel(timezone.now() + timedelta(seconds=2 * n), tick=False):
            send(client, article, comment=f"Number {n} of the same reader.")
    assert not Attack.objects.exists()


def test_the_limit_is_a_multiple_of_what_is_usual(article, rng):
    UsualRate.objects.create(pk=1, site=100, article=50)
    attack(article, 12, rng=rng)
    assert not Attack.objects.exists()


@pytest.mark.parametrize(("mode", "status"), [("on", 422), ("off", 303)])
def test_moderators_switch_it(article, rng, mode, status):
    SitePolicy.objects.create(pk=1, attack_mode=mode)
    if mode == "off":
        attack(article, 12, rng=rng)
    assert send(Client(), article, comment="Hello there.", address=address(60_000)).status_code == status
    assert Attack.objects.filter(is_manual=True).exists() == (mode == "on")


def test_what_a_moderator_has_approved_stays_when_an_attack_begins(article, rng, moderator, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    attack(article, 5, rng=rng)
    seen = Comment.objects.latest("pk")
    Comment.objects.filter(pk=seen.pk).update(reviewed_at=timezone.now())
    attack(article, 8, rng=rng)
    collect_initial_comments()
    assert list(Comment.objects.approved()) == [seen]


def test_an_edit_does_not_take_a_comment_out_of_the_row_of_an_attack(article, rng):
    attack(article, 8, rng=rng)
    client = Client()
    page = send(client, article, comment="No scripts in this browser.", address=address(60_000))
    with time_machine.travel(timezone.now() + timedelta(seconds=WAIT_SECONDS + 1)):
        submit_proof_form(article, page, client=client)
        comment = Comment.objects.latest("pk")
        changed = {"comment": "Something else altogether, and longer than it was."}
        client.post(f"/comments/{comment.pk}/edit/", changed, headers={"Sec-Fetch-Site": "same-origin"})
    comment.refresh_from_db()
    assert comment.text.startswith("Something else")
    assert comment.cluster == Attack.objects.get().cluster


def test_the_desk_says_when_why_and_how_many_and_decides_on_all_at_once(article, rng, moderator):
    attack(article, 12, rng=rng)
    collect_initial_comments()
    client = Client()
    client.force_login(moderator)
    moderator_client = client.get("/admin/comments/moderation/").text
    assert f"Attack on “{article.headline}”" in moderator_client
    assert "Limit: 5." in moderator_client
    assert "comments had to pass a proof-of-work check" in moderator_client
    assert "from the same attack" in moderator_client
    cluster = Attack.objects.get().cluster
    page = client.get(f"/admin/comments/moderation/cluster/{cluster.pk}/")
    assert "Comments from the same attack" in page.text
    data = {"cluster": cluster.pk, "shown": page.context["shown"], "action": "spam"}
    client.post("/admin/comments/moderation/many/", data)
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


def test_one_network_makes_no_attack_however_many_cookies_it_has(article, rng):
    honest = [
        send(Client(), make_article(), comment=text, address=address(60_000 + n))
        for n, text in enumerate(HONEST_COMMENTS)
    ]
    attack(article, 60, networks=1, rng=rng)
    assert {each.status_code for each in honest} == {303}
    assert not Attack.objects.exists()
    assert not Comment.objects.filter(cluster__isnull=False).exists()


def test_many_solutions_of_one_network_crowd_nobody_out(article, rng, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    attack(article, 8, rng=rng)
    for _ in range(8):
        page = send(Client(), article, comment=distinct_text(rng), address=address(50_000))
        assert (
            submit_proof_form(article, page, network=50_000, proof=solve_page_challenge(page.text)).status_code == 303
        )
    page = send(Client(), article, comment=HONEST_COMMENTS[0], address=address(60_000))
    submit_proof_form(article, page, proof=solve_page_challenge(page.text))
    assert Comment.objects.latest("pk").is_public()


def test_a_challenge_and_its_answer_are_one_device(article, rng):
    attack(article, 8, rng=rng)
    before = NewDevicePost.objects.values("device").distinct().count()
    page = send(Client(), article, comment="One reader.", address=address(60_000))
    submit_proof_form(article, page, proof=solve_page_challenge(page.text))
    assert NewDevicePost.objects.values("device").distinct().count() == before + 1


def test_a_known_reader_is_not_held_for_a_busy_network(article, monkeypatch):
    monkeypatch.setattr(rate_limits, "NETWORK_HOLD_PER_MINUTE", 5)
    client = trusted_client(make_article())
    for n in range(6):
        make_comment(article, network=hash_network("127.0.0.1"), status=Status.PENDING, device=f"other-{n}")
    assert send(client, article, comment="I have been reading this for years.").status_code == 303
    assert Comment.objects.latest("pk").is_public()


def test_one_network_stores_a_bounded_number_of_challenges(article, rng):
    attack(article, 60, networks=1, rng=rng)
    assert NewDevicePost.objects.count() <= 2 * NETWORK_NEW_DEVICES_PER_MINUTE
