from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments import background_jobs
from comments.admin import bulk as bulk_module
from comments.identity import Reader
from comments.models import Cluster, Comment, Conversation, Decision, Shingle
from comments.moderation.decide import decide
from comments.moderation.undo import undo
from comments.queue import bulk
from comments.queue.queues import Queue, sizes
from comments.readers.edits import edit
from comments.statuses import Cause, Status
from comments.submission import attack_mode, near_duplicates
from comments.text import fingerprints
from tests.conftest import make_article, make_user, send

QUEUE_URL = "/admin/comments/moderation/"
SAID = "The mayor sold our harbour to his friends, and nobody at the council dares to say so. Vote them out {}!"


@pytest.fixture(autouse=True)
def _no_attack_mode(monkeypatch):
    """Raise the limits of attack mode, so that many new readers do not start it."""
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 1000)
    monkeypatch.setattr(attack_mode, "MIN_SITE_LIMIT", 1000)


def post(article, number=0, **fields):
    """Post a comment from a new device, in one of fifty networks."""
    fields = {
        "comment": SAID.format(number),
        "name": f"Citizen {number}",
        "address": f"198.51.{number % 50}.7",
        **fields,
    }
    response = send(Client(), article, **fields)
    assert response.status_code == 303
    return Comment.objects.latest("pk")


def cluster_of(article, number):
    return [post(article, n) for n in range(number)]


def rows(queue=Queue.PENDING):
    return list(queue.ordered_rows())


def check():
    """Check that each cluster shows one pending comment and counts the others."""
    for cluster in Cluster.objects.all():
        waiting = cluster.comments.filter(status=Status.PENDING)
        assert cluster.pending_count == waiting.count()
        assert waiting.filter(is_collapsed=False).count() == min(cluster.pending_count, 1)
    assert not Comment.objects.filter(is_collapsed=True).exclude(status=Status.PENDING).exists()
    assert not Comment.objects.filter(is_collapsed=True, cluster=None).exists()


@pytest.fixture
def trusting(settings):
    """Publish comments of new devices immediately, unless a rule holds them."""
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0


def test_a_cluster_is_one_row_cleared_by_one_decision(moderator_client, article):
    cluster_of(article, 30)
    post(article, comment="The ferry was late again this morning, the third time in one week.", address="192.0.2.9")
    assert not Comment.objects.approved().exists()
    assert len(rows()) == 2
    page = moderator_client.get(QUEUE_URL)
    assert "+ 29 similar" in page.text
    assert next(size.number for size in sizes()[0] if size.queue == Queue.PENDING) == 2
    cluster = Cluster.objects.get()
    shown = page.context["detail"].cluster_stamp
    page = moderator_client.post(
        f"{QUEUE_URL}many/?queue=pending", {"cluster": cluster.pk, "shown": shown, "action": "spam"}, follow=True
    )
    assert "Spam: 30 comments" in page.text
    while background_jobs.run_one_step():
        pass
    assert [comment.cluster_id for comment in rows()] == [None]
    assert Comment.objects.filter(status=Status.SPAM).count() == 30
    check()


@pytest.mark.parametrize("form", ["“{}”", "> {}", '"{}" So true!'])
def test_a_cluster_of_quotations_is_held(article, trusting, form):
    states = [post(article, n, comment=form.format(SAID.format(n))).status for n in range(4)]
    assert states == [Status.APPROVED, Status.APPROVED, Status.PENDING, Status.PENDING]


def test_two_that_are_alike_are_no_cluster(article):
    cluster_of(article, 2)
    assert len(rows()) == 2
    assert not Cluster.objects.exists()


def test_few_words_are_a_cluster_from_the_tenth_on(article):
    for number in range(9):
        post(article, number, comment=f"Thank you all so much {number}")
    assert len(rows()) == 9
    post(article, 9, comment="thank YOU all so much 😀")
    assert len(rows()) == 1
    check()


def test_what_was_said_yesterday_makes_no_cluster_of_today(article):
    cluster_of(article, 2)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        post(article, 3)
        assert not Cluster.objects.exists()
        near_duplicates.delete_old_shingles()
    assert set(Shingle.objects.values_list("comment", flat=True)) == {Comment.objects.latest("pk").pk}


def test_of_a_cluster_each_key_is_kept_once(article):
    cluster_of(article, 3)
    before = Shingle.objects.count()
    for number in range(3, 8):
        post(article, number)
    assert Shingle.objects.count() == before


def test_a_post_takes_the_same_queries_whether_a_cluster_has_ten_or_forty(article):
    counts = []
    for until in (10, 40):
        while Comment.objects.count() < until:
            post(article, Comment.objects.count())
        with CaptureQueriesContext(connection) as queries:
            post(article, until)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_says_what_nobody_says_pays_two_queries_for_it_and_a_lock(article, monkeypatch):
    def queries(text):
        with CaptureQueriesContext(connection) as queries:
            post(article, comment=text, address="203.0.113.1")
        return len(queries)

    queries("So that nothing has to be made first.")
    with_it = queries("The bridge opens for the ferry on the hour, as it has always done.")
    monkeypatch.setattr(fingerprints, "MAX_KEYS", 0)
    without = queries("The clock of the customs house has been wrong since last October.")
    assert with_it - without <= (3 if connection.vendor == "postgresql" else 2)


def test_the_third_of_an_hour_is_held_even_where_fresh_devices_are_public(article, trusting):
    written = cluster_of(article, 6)
    assert [comment.status for comment in written] == [Status.APPROVED] * 2 + [Status.PENDING] * 4
    finding = written[4].decisions.get().findings[0]
    assert finding["rule"] == "comments.rules.builtin.belongs_to_cluster"
    assert finding["detail"] == "Almost identical to comments from 4 other devices in the past hour"
    check()


def test_one_device_that_repeats_itself_is_held_for_that_and_not_as_a_cluster(article, trusting):
    client = Client()
    for number in range(3):
        send(client, article, comment=SAID.format(number))
    assert Comment.objects.approved().count() == 1
    rules = {finding["rule"] for decision in Decision.objects.all() for finding in decision.findings}
    assert rules == {"comments.rules.builtin.device_repeats_itself"}


def test_what_comes_hours_later_is_not_held_for_it(article, trusting):
    cluster_of(article, 3)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert post(article, 4).is_public()


def test_staff_may_say_it_too(article, trusting, moderator):
    cluster_of(article, 3)
    client = Client()
    client.force_login(moderator)
    send(client, article, comment=SAID.format(9))
    assert Comment.objects.latest("pk").is_public()


def test_the_next_takes_the_place_of_one_that_is_decided_alone(article, moderator):
    first, second, *_others = cluster_of(article, 5)
    decide(Comment.objects.get(pk=first.pk), Status.REJECTED, actor=moderator)
    assert [row.pk for row in rows()] == [second.pk]
    assert rows()[0].cluster.other_pending_count == 3
    decide(Comment.objects.get(pk=second.pk), Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    check()


def test_one_that_lies_under_the_row_is_decided_alone(article, moderator):
    first, second, *_others = cluster_of(article, 5)
    decide(Comment.objects.get(pk=second.pk), Status.REJECTED, actor=moderator)
    assert [row.pk for row in rows()] == [first.pk]
    check()


def test_what_is_undone_lies_under_the_row_again(article, moderator):
    first = cluster_of(article, 4)[0]
    comment = Comment.objects.get(pk=first.pk)
    decide(comment, Status.REJECTED, actor=moderator)
    undo(comment, actor=moderator)
    assert len(rows()) == 1
    check()
    job = bulk.start_bulk(Queue.PENDING.comments().order_by("pk"), "approve", actor=moderator)
    assert (job.result, rows()) == ({"moved": 4}, [])
    bulk.start_undo(job, actor=moderator)
    assert len(rows()) == 1
    check()


def test_whoever_changes_the_words_leaves_the_cluster_and_lies_on_the_desk(article):
    first, second, third, fourth = cluster_of(article, 4)
    comment = Comment.objects.get(pk=third.pk)
    edit(comment, "I take it back: I was at the meeting and saw for myself.", Reader(comment.device, comment.network))
    assert [row.pk for row in rows()] == [first.pk, third.pk]
    check()
    comment = Comment.objects.get(pk=first.pk)
    edit(comment, "The ferry was late again, and nobody has said why.", Reader(comment.device, comment.network))
    assert [row.pk for row in rows()] == [first.pk, second.pk, third.pk]
    comment = Comment.objects.get(pk=fourth.pk)
    edit(comment, SAID.format("with the next election"), Reader(comment.device, comment.network))
    assert Comment.objects.get(pk=fourth.pk).is_collapsed
    check()


def test_who_edits_a_comment_into_a_cluster_is_held_and_lies_under_it(article, trusting):
    cluster_of(article, 4)
    comment = post(article, 8, comment="A kind word.")
    assert comment.is_public()
    edit(comment, SAID.format(8), Reader(comment.device, comment.network))
    comment.refresh_from_db()
    assert (comment.status, comment.is_collapsed) == (Status.PENDING, True)
    assert len(rows()) == 1
    check()


def test_a_cluster_over_several_articles_is_one(article):
    for number in range(6):
        post(make_article(), number)
    assert len(rows()) == 1
    check()


def test_all_that_match_means_those_under_a_row_too(moderator_client, article):
    cluster_of(article, 6)
    assert "This applies to 6 comments." in moderator_client.get(f"{QUEUE_URL}all/?queue=pending").text


def test_a_row_opens_to_all_that_are_like_it_a_page_at_a_time(moderator_client, article, monkeypatch):
    monkeypatch.setattr(bulk_module, "CLUSTER_PAGE_SIZE", 2)
    cluster_of(article, 3)
    address = f"{QUEUE_URL}cluster/{Cluster.objects.get().pk}/?queue=pending"
    assert f'href="{address}"' in moderator_client.get(QUEUE_URL).text
    page = moderator_client.get(address)
    assert "Citizen 1" in page.text
    assert "Citizen 2" not in page.text
    assert "Citizen 2" in moderator_client.get(f"{address}&further={page.context['more'].pk}").text
    assert moderator_client.get(f"{QUEUE_URL}cluster/99999999999999999999/").status_code == 404


def test_the_comment_in_focus_offers_one_decision_about_all(moderator_client, article):
    cluster_of(article, 3)
    page = moderator_client.get(QUEUE_URL).text
    assert "All 3 similar comments" in page
    comment = Comment.objects.earliest("pk")
    decide(comment, Status.REJECTED, actor=make_user("other", "Moderators"))
    assert "similar comments <kbd>" not in moderator_client.get(f"{QUEUE_URL}?comment={comment.pk}").text


def test_clusters_are_for_those_who_may_moderate(article, reporter):
    cluster_of(article, 3)
    client = Client()
    client.force_login(reporter)
    assert client.get(f"{QUEUE_URL}cluster/{Cluster.objects.get().pk}/").status_code == 403


def test_counts_are_right_after_a_cluster_was_approved_by_mistake_and_taken_back(article, moderator):
    cluster_of(article, 4)
    job = bulk.start_bulk(Queue.PENDING.comments(), "approve", actor=moderator)
    assert Conversation.objects.get().public_count == 4
    bulk.start_undo(job, actor=moderator)
    assert Conversation.objects.get().public_count == 0
