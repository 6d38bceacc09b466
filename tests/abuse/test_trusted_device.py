"""Attacks by a reader who has earned trust with one approved comment."""

from datetime import timedelta
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments.models import Comment, Decision
from comments.rate_limits import YOUNG_DEVICE_COMMENTS_PER_MINUTE
from comments.statuses import Status
from comments.text.hosts import registered_domain
from tests.conftest import client_of, make_article, make_comment, send, trusted_client

ADVERT = "Number {} of our readers already earn a thousand a week from their sofa, read how at https://sho.rt/x{}"


def post_many(client, texts, articles):
    """Send one comment every five minutes, each under the next article; return their states."""
    start = timezone.now()
    for number, text in enumerate(texts):
        with time_machine.travel(start + timedelta(minutes=5 * number), tick=False):
            assert send(client, articles[number % len(articles)], comment=text).status_code == 303
    newest = Comment.objects.order_by("-pk")[: len(texts)]
    return [comment.status for comment in reversed(newest)]


def approve(device, number, *, days_ago=2):
    at = timezone.now() - timedelta(days=days_ago)
    for _ in range(number):
        make_comment(make_article(), device=device, created_at=at, decided_at=at)


def rules_that_fired():
    return {finding["rule"].rpartition(".")[2] for finding in Decision.objects.latest("pk").findings}


@pytest.mark.django_db
def test_of_twelve_near_identical_adverts_one_is_published():
    client = trusted_client(make_article())
    states = post_many(client, [ADVERT.format(n, n) for n in range(12)], [make_article() for _ in range(12)])
    assert states == [Status.APPROVED, *[Status.PENDING] * 11]
    assert {"device_repeats_itself", "device_spreads_a_link"} <= rules_that_fired()


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["“{}”", '"{}"', "> {}", "«{}» {}", "> {}\n{}"])
def test_of_nine_quoted_adverts_one_is_published(form):
    client = trusted_client(make_article())
    advert = (
        "Number {} of our readers already earn a thousand a week from their sofa, so ask for the free brochure today"
    )
    said = ["The ferry was late and the coffee cold.", "My sister sold her boat to another man."]
    texts = [form.format(advert.format(n), said[n % 2]) for n in range(9)]
    states = post_many(client, texts, [make_article() for _ in range(9)])
    assert states == [Status.APPROVED, *[Status.PENDING] * 8]


@pytest.mark.django_db
def test_a_short_answer_may_be_given_twice_a_day():
    client = trusted_client(make_article())
    texts = ["I could not agree more!", "i could not agree more", "I could not agree MORE."]
    assert post_many(client, texts, [make_article()]) == [Status.APPROVED, Status.APPROVED, Status.PENDING]


@pytest.mark.django_db
def test_the_next_day_the_same_words_are_published_again():
    client, article = trusted_client(make_article()), make_article()
    text = "The ferry at seven was late again this morning, and again nobody told the people waiting on the quay."
    send(client, article, comment=text)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        send(client, article, comment=f"{text} Really.")
    assert Comment.objects.latest("pk").is_public()


TEXTS = [
    "What the council calls a harbour plan is drawn on this page: https://evil.example/{}",
    "Anybody who doubts these figures can look the prices up for themselves, https://evil.example/{}",
    "My neighbour sent me something about the bus timetable yesterday. https://evil.example/{}",
]


@pytest.mark.django_db
def test_a_young_device_links_to_one_site_under_two_articles_and_is_held_under_the_third():
    client = trusted_client(make_article())
    states = post_many(client, [text.format(n) for n, text in enumerate(TEXTS)], [make_article() for _ in range(3)])
    assert states == [Status.APPROVED, Status.APPROVED, Status.PENDING]
    assert rules_that_fired() == {"device_spreads_a_link"}


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["www.{}.shop.example", "{}.shop.co.uk", "{}.{}.abc.io", "{}.xn--bcher-kva.example"])
def test_subdomains_are_the_same_site(host):
    client = trusted_client(make_article())
    hosts = [host.format(name, name) for name in ("one", "two", "three")]
    texts = [text.replace("evil.example", host) for text, host in zip(TEXTS, hosts, strict=True)]
    states = post_many(client, texts, [make_article() for _ in range(3)])
    assert states == [Status.APPROVED, Status.APPROVED, Status.PENDING]
    assert rules_that_fired() == {"device_spreads_a_link"}


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("", ""),
        ("example", "example"),
        ("co.uk", "co.uk"),
        ("a.b.paper.co.uk", "paper.co.uk"),
        ("a.b.bit.ly", "bit.ly"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_what_is_registered_of_a_host(host, registered):
    assert registered_domain(host) == registered


@pytest.mark.django_db
@pytest.mark.parametrize("spared", ["one article", "own site", "established", "after a week"])
def test_links_that_any_reader_may_repeat(spared, settings):
    device = "established-device"
    approve(device, 10 if spared == "established" else 1)
    client = client_of(device)
    articles = [make_article() for _ in range(1 if spared == "one article" else 3)]
    texts = [text.format(n) for n, text in enumerate(TEXTS)]
    if spared == "own site":
        texts = [text.replace("https://evil.example", settings.SITE_URL) for text in texts]
    if spared == "after a week":
        post_many(client, texts[:2], articles)
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            send(client, articles[2], comment=texts[2])
        assert Comment.objects.latest("pk").is_public()
    else:
        assert post_many(client, texts, articles) == [Status.APPROVED] * 3


@pytest.mark.django_db
def test_two_links_are_held_until_ten_comments_were_approved():
    text = "Compare https://one.example/a with https://two.example/b before you believe the mayor's figures."
    for approved, expected in ((9, Status.PENDING), (10, Status.APPROVED)):
        device, article = f"device-with-{approved}", make_article()
        approve(device, approved)
        send(client_of(device), article, comment=f"{text} {approved}")
        assert Comment.objects.get(article=article).status == expected


@pytest.mark.django_db
def test_ten_comments_within_a_day_establish_nobody():
    text = "Compare https://one.example/a with https://two.example/b before you believe the mayor's figures."
    approve("hasty-device", 10, days_ago=0.9)
    send(client_of("hasty-device"), make_article(), comment=text)
    assert Comment.objects.latest("pk").status == Status.PENDING


@pytest.mark.django_db
def test_a_young_device_writes_more_slowly_than_an_established_one():
    answers = {}
    for approved in (1, 10):
        device, article = f"device-{approved}-approved", make_article()
        approve(device, approved)
        client = client_of(device)
        sent = [send(client, article, comment=f"Word number {n} on the subject.").status_code for n in range(6)]
        answers[approved] = sent.count(303)
    assert answers == {1: YOUNG_DEVICE_COMMENTS_PER_MINUTE, 10: 5}


@pytest.mark.django_db
def test_earlier_texts_are_read_only_for_a_comment_that_links():
    client, article = trusted_client(make_article()), make_article()
    for text, is_read in (("No address in this one.", False), ("Look at https://evil.example/x", True)):
        with CaptureQueriesContext(connection) as queries:
            send(client, article, comment=text)
        texts = re.compile(r'SELECT "comments_comment"."article_id" AS "\w+", "comments_comment"."text"')
        assert any(texts.search(each["sql"]) for each in queries) == is_read
