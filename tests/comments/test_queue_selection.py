from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest

from comments.models import Cluster, Comment
from comments.moderation.decide import decide
from comments.queue import selection as selections
from comments.queue.selection import PAGE_SIZE, QueueQuery
from comments.statuses import Status
from tests.conftest import make_comment

QUEUE_URL = "/admin/comments/moderation/"


@pytest.mark.parametrize("queue", ["all", "pending"])
@pytest.mark.parametrize("few", [selections.MAX_INDEXED_MATCHES, 0])
def test_pages_follow_each_other_without_gap_or_repetition(article, monkeypatch, queue, few):
    monkeypatch.setattr(selections, "MAX_INDEXED_MATCHES", few)
    monkeypatch.setattr(selections, "MAX_COMMENTS_SCANNED", 40)
    at = timezone.now()
    for n in range(120):  # many with the same timestamp
        text = "boat" if n % 2 else "train"
        make_comment(article, text=text, name="Ada", status=Status.PENDING, created_at=at - timedelta(minutes=n // 5))
    selection, seen, after = QueueQuery.parse({"queue": queue, "text": "boat", "name": "ada"}), [], None
    for _page in range(10):
        view = selection.view(after=after)
        seen += [comment.pk for comment in view.comments]
        if not view.after:
            break
        after = selection.parse_cursor(str(view.after))
    assert seen == [comment.pk for comment in selection.comments()]
    assert len(seen) == 60
    back, before = [], selection.cursor_of(Comment.objects.get(pk=seen[-1]))
    for _page in range(10):
        view = selection.view(before=before)
        back += reversed([comment.pk for comment in view.comments])
        if not view.before:
            break
        before = view.before
    assert back == seen[-2::-1]


@pytest.mark.parametrize("few", [selections.MAX_INDEXED_MATCHES, 0])
@pytest.mark.parametrize("number", [PAGE_SIZE, PAGE_SIZE + 1])
def test_a_search_ends_with_its_last_comment(moderator_client, article, monkeypatch, few, number):
    monkeypatch.setattr(selections, "MAX_INDEXED_MATCHES", few)
    for _ in range(number):
        make_comment(article, text="boat", status=Status.PENDING)
    page = moderator_client.get(QUEUE_URL, {"queue": "pending", "text": "boat"})
    assert len(page.context["page"].comments) == PAGE_SIZE
    assert bool(page.context["further"]) == (number > PAGE_SIZE)


@pytest.mark.parametrize("few", [selections.MAX_INDEXED_MATCHES, 0])
def test_over_many_pages_of_a_search_a_cluster_is_one_row_there_and_back(moderator_client, article, monkeypatch, few):
    monkeypatch.setattr(selections, "MAX_INDEXED_MATCHES", few)
    monkeypatch.setattr(selections, "PAGE_SIZE", 5)
    cluster, at = Cluster.objects.create(), timezone.now()
    for n in range(24):
        of_cluster = {"cluster": cluster, "text": "Sold, boat"} if n % 2 else {"text": f"My boat {n}"}
        make_comment(article, status=Status.PENDING, created_at=at + timedelta(seconds=n), **of_cluster)
    selection, view, seen = QueueQuery.parse({"queue": "pending", "text": "boat"}), None, []
    while view is None or view.after:
        view = selection.view(after=view and view.after)
        seen += [comment.text for comment in view.comments]
    assert seen == ["My boat 0", "Sold, boat", *(f"My boat {n}" for n in range(2, 24, 2))]
    back = [comment.text for comment in view.comments[::-1]]
    while view.before:
        view = selection.view(before=view.before)
        back += [comment.text for comment in view.comments[::-1]]
    assert back == seen[::-1]


@pytest.mark.parametrize("few", [selections.MAX_INDEXED_MATCHES, 0])
def test_a_cluster_is_one_row_of_a_search_too_and_all_of_it_when_all_are_meant(
    moderator_client, article, monkeypatch, few
):
    monkeypatch.setattr(selections, "MAX_INDEXED_MATCHES", few)
    cluster, at = Cluster.objects.create(), timezone.now()
    for n in range(60):
        make_comment(
            article, text="Sold, boat", cluster=cluster, status=Status.PENDING, created_at=at - timedelta(minutes=n)
        )
    other = make_comment(article, text="My boat", status=Status.PENDING, created_at=at)
    Cluster.objects.update(pending_count=60)
    page = moderator_client.get(QUEUE_URL, {"queue": "pending", "text": "boat"})
    assert [comment.text for comment in page.context["page"].comments] == ["Sold, boat", other.text]
    assert "+ 59 similar" in page.text
    assert QueueQuery.parse({"queue": "pending", "text": "boat"}).comments().count() == 61
    of_all = QueueQuery.parse({"queue": "all", "text": "boat"}).view()
    assert len(of_all.comments) == PAGE_SIZE


def test_who_finds_nothing_is_told_how_far_was_looked_and_goes_on_from_there(moderator_client, article, monkeypatch):
    monkeypatch.setattr(selections, "MAX_INDEXED_MATCHES", 0)
    monkeypatch.setattr(selections, "MAX_COMMENTS_SCANNED", 3)
    for n in range(8):
        make_comment(article, text="boat" if n == 0 else "train", status=Status.SPAM)
    page = moderator_client.get(QUEUE_URL, {"queue": "spam", "text": "boat"})
    assert page.context["page"].comments == []
    assert "Searched " in page.text
    pages = 0
    while not page.context["page"].comments:
        page = moderator_client.get(page.context["further"])
        pages += 1
    assert page.context["page"].comments[0].text == "boat"
    assert pages == 2


def test_the_search_of_the_list_of_comments_is_the_same(moderator_client, article, moderator):
    make_comment(article, text="A herring.")
    decide(make_comment(article, text="Two herrings.", status=Status.PENDING), Status.SPAM, actor=moderator)
    page = moderator_client.get("/admin/comments/comment/", {"q": "HERRING"})
    assert [comment.text for comment in page.context["cl"].result_list] == ["A herring.", "Two herrings."]
    assert "at most 200 characters" in moderator_client.get("/admin/comments/comment/", {"q": "x" * 300}).text
    assert len(moderator_client.get("/admin/comments/comment/", {"q": " "}).context["cl"].result_list) == 2


def test_the_search_is_for_those_who_may_moderate(reporter, article):
    client = Client()
    client.force_login(reporter)
    assert client.get(QUEUE_URL, {"queue": "all", "text": "a"}).status_code == 403


def test_all_that_match_are_those_that_were_searched_for_and_no_others(moderator_client, article):
    boat = make_comment(article, text="A boat.", status=Status.PENDING)
    train = make_comment(article, text="A train.", status=Status.PENDING)
    page = moderator_client.get(f"{QUEUE_URL}all/?queue=pending&text=boat")
    assert page.context["number"] == 1
    assert "Words in the comment: <bdi>boat</bdi>" in page.text
    moderator_client.post(f"{QUEUE_URL}all/?queue=pending&text=boat", {"action": "spam"})
    assert [Comment.objects.get(pk=each.pk).status for each in (boat, train)] == [Status.SPAM, Status.PENDING]
    for wrong in ("text=" + "x" * 300, "since=2026-13-01", "article=nothing"):
        assert moderator_client.post(f"{QUEUE_URL}all/?queue=pending&{wrong}", {"action": "spam"}).status_code == 404
    assert Comment.objects.get(pk=train.pk).status == Status.PENDING
