from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode
import pytest

from articles.cursor import PageCursor
from comments.models import Claim, Comment, Note, RejectReason
from comments.moderation.decide import decide
from comments.queue import queues
from comments.queue.detail import highlight
from comments.queue.queues import MAX_QUEUE_COUNT, Queue, sizes
from comments.statuses import Cause, Status
from tests.conftest import make_comment, send

QUEUE_URL = "/admin/comments/moderation/"


def waiting(article, number):
    start = timezone.now() - timedelta(hours=1)
    return [
        make_comment(article, status=Status.PENDING, text=f"Waiting {n}.", created_at=start + timedelta(minutes=n))
        for n in range(number)
    ]


def press(client, action, comment, queue=Queue.PENDING, version=None):
    version = Comment.objects.get(pk=comment.pk).stamp if version is None else version
    return client.post(f"{QUEUE_URL}?queue={queue}", {"comment": comment.pk, "version": version, "action": action})


def in_focus(response):
    focus = response.context["detail"]
    return focus and focus.comment.text


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


def test_the_oldest_that_waits_is_in_focus_with_what_is_needed_to_judge_it(moderator_client, article):
    parent = make_comment(article, name="Grace", text="A question.")
    send(Client(), article, comment="See http://a.example and http://b.example", parent=parent.pk)
    page = moderator_client.get(QUEUE_URL)
    assert in_focus(page) == "See http://a.example and http://b.example"
    for text in (
        article.headline,
        "A question.",
        "2 links",
        "Approved comments from this device so far: 0",
        "1 pending",
    ):
        assert text in page.text


def test_a_decision_is_answered_with_the_next_comment(moderator_client, article):
    first, second, third = waiting(article, 3)
    assert in_focus(moderator_client.get(QUEUE_URL)) == "Waiting 0."
    page = press(moderator_client, "approve", first)
    assert page.status_code == 200
    assert in_focus(page) == "Waiting 1."
    assert reload(first).status == Status.APPROVED
    reason = RejectReason.objects.get(title="Insulting")
    assert in_focus(press(moderator_client, f"reject:{reason.pk}", second)) == "Waiting 2."
    assert second.decisions.last().author_message == reason.sentence
    assert in_focus(press(moderator_client, "spam", third)) is None
    assert "All done – nothing waiting." in moderator_client.get(QUEUE_URL).text


def test_what_was_passed_over_comes_again_at_the_end(moderator_client, article):
    _first, second, third = waiting(article, 3)
    press(moderator_client, "approve", second)
    assert in_focus(press(moderator_client, "approve", third)) == "Waiting 0."


def test_a_second_moderator_is_given_the_next_and_told_who_has_the_first(
    moderator_client, deputy_client, article, moderator
):
    waiting(article, 3)
    assert in_focus(moderator_client.get(QUEUE_URL)) == "Waiting 0."
    page = deputy_client.get(QUEUE_URL)
    assert in_focus(page) == "Waiting 1."
    assert "moderator reviewing" in page.text
    assert in_focus(moderator_client.get(QUEUE_URL)) == "Waiting 0."
    assert sorted(claim.actor.username for claim in Claim.objects.all()) == ["deputy", "moderator"]


def test_a_claim_lapses_by_itself(moderator_client, deputy_client, article):
    waiting(article, 2)
    moderator_client.get(QUEUE_URL)
    Claim.objects.update(until=timezone.now())
    assert in_focus(deputy_client.get(QUEUE_URL)) == "Waiting 0."


def test_a_claim_does_not_hang_where_the_clock_was_set_back(moderator_client, deputy_client, article):
    waiting(article, 2)
    moderator_client.get(QUEUE_URL)
    assert in_focus(deputy_client.get(QUEUE_URL)) == "Waiting 1."
    Claim.objects.update(until=timezone.now() + timedelta(hours=1))
    assert in_focus(deputy_client.get(QUEUE_URL)) == "Waiting 0."


def test_whoever_decides_second_is_told_who_did_what(moderator_client, deputy_client, article):
    (comment,) = waiting(article, 1)
    press(moderator_client, "approve", comment)
    page = press(deputy_client, "spam", comment, version=1)
    assert "is already approved (moderator, " in page.text
    assert in_focus(page) == "Waiting 0."
    assert reload(comment).status == Status.APPROVED


def test_undo_restores_the_state_by_a_new_decision_and_undoes_itself(moderator_client, article, moderator):
    (comment,) = waiting(article, 1)
    press(moderator_client, "spam", comment)
    press(moderator_client, "undo", comment)
    assert reload(comment).status == Status.PENDING
    assert reload(comment).reviewed_at is None
    decision = comment.decisions.last()
    assert (decision.cause, decision.from_status, decision.to_status) == (Cause.UNDONE, Status.SPAM, Status.PENDING)
    press(moderator_client, "undo", comment)
    assert reload(comment).status == Status.SPAM
    assert reload(comment).reviewed_at


def test_undoing_a_look_brings_back_its_reports_and_its_queue(moderator_client, article):
    comment = make_comment(article)
    comment.reports.create(complaint="spam", device="a", network="a", is_counted=True)
    Comment.objects.filter(pk=comment.pk).update(open_reports=1)
    press(moderator_client, "approve", comment, Queue.REPORTED)
    assert reload(comment).open_reports == 0
    press(moderator_client, "undo", comment, Queue.REPORTED)
    assert (reload(comment).open_reports, reload(comment).reviewed_at, reload(comment).status) == (
        1,
        None,
        Status.APPROVED,
    )


def test_a_pick_is_undone_too(moderator_client, article):
    comment = make_comment(article)
    press(moderator_client, "pick", comment, Queue.APPROVED)
    assert reload(comment).picked_at
    press(moderator_client, "undo", comment, Queue.APPROVED)
    assert reload(comment).picked_at is None


@pytest.mark.parametrize("cause", [Cause.SUBMITTED, Cause.WITHDRAWN])
def test_what_no_moderator_did_cannot_be_undone(moderator_client, article, cause):
    comment = make_comment(article)
    if cause == Cause.WITHDRAWN:
        decide(comment, Status.WITHDRAWN, actor=None, cause=cause)
    before = reload(comment).status
    assert "There’s nothing to undo" in press(moderator_client, "undo", comment, Queue.APPROVED).text
    assert reload(comment).status == before


def test_each_queue_holds_what_its_name_says(article, moderator):
    held, new, rejected, spam = (
        make_comment(article, status=status)
        for status in (Status.PENDING, Status.APPROVED, Status.REJECTED, Status.SPAM)
    )
    seen, withdrawn, reported = make_comment(article), make_comment(article), make_comment(article)
    decide(seen, Status.APPROVED, actor=moderator)
    decide(withdrawn, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    Comment.objects.filter(pk=reported.pk).update(open_reports=2)
    inside = {queue: set(queue.comments().values_list("pk", flat=True)) for queue in Queue}
    assert inside == {
        Queue.PENDING: {held.pk},
        Queue.REPORTED: {reported.pk},
        Queue.UNREVIEWED: {new.pk, reported.pk},
        Queue.APPROVED: {new.pk, seen.pk, reported.pk},
        Queue.REJECTED: {rejected.pk},
        Queue.SPAM: {spam.pk},
        Queue.WITHDRAWN: {withdrawn.pk},
        Queue.ALL: {held.pk, new.pk, rejected.pk, spam.pk, seen.pk, withdrawn.pk, reported.pk},
    }
    del inside[Queue.ALL]
    assert {size.queue: size.number for size in sizes()[0]} == {queue: len(inside[queue]) for queue in inside}


def test_the_oldest_of_each_queue_is_known_and_numbers_are_capped(moderator_client, article, monkeypatch):
    oldest, *_ = waiting(article, 4)
    monkeypatch.setattr(queues, "MAX_QUEUE_COUNT", 3)
    by_queue = {size.queue: size for size in sizes()[0]}
    assert by_queue[Queue.PENDING].oldest == oldest.created_at
    assert (by_queue[Queue.PENDING].number, by_queue[Queue.PENDING].is_more) == (3, True)
    assert by_queue[Queue.SPAM].oldest is None
    assert "3+" in moderator_client.get(QUEUE_URL).text
    assert MAX_QUEUE_COUNT == 1000


def test_the_list_goes_on_behind_a_comment(moderator_client, article, monkeypatch):
    comments = waiting(article, 5)
    page = moderator_client.get(
        f"{QUEUE_URL}?queue=pending&{urlencode({'after': PageCursor(comments[2].created_at, comments[2].pk)})}"
    )
    assert [comment.text for comment, *_rest in page.context["rows"]] == ["Waiting 3.", "Waiting 4."]
    newest = make_comment(article)
    after = PageCursor(newest.created_at, newest.pk)
    newest_first = moderator_client.get(f"{QUEUE_URL}?queue=approved&{urlencode({'after': after})}")
    assert newest_first.status_code == 200


def test_notes_are_for_colleagues_and_for_nobody_else(moderator_client, deputy_client, article, moderator):
    comment = make_comment(article)
    moderator_client.post(
        f"{QUEUE_URL}note/?queue=approved", {"comment": comment.pk, "note": "He <b>knows</b> the mayor.\0"}
    )
    assert (Note.objects.get().actor, Note.objects.get().text) == (moderator, "He <b>knows</b> the mayor.")
    assert "He &lt;b&gt;knows&lt;/b&gt; the mayor." in deputy_client.get(f"{QUEUE_URL}?comment={comment.pk}").text
    assert "mayor" not in Client().get(article.get_absolute_url()).text
    moderator_client.post(f"{QUEUE_URL}note/", {"comment": comment.pk, "note": " "})
    assert Note.objects.count() == 1


def test_the_matched_words_are_marked_and_everything_is_escaped():
    assert highlight("<b>Buy</b> Pills & pills", ["pills", "Buy"]) == (
        "&lt;b&gt;<mark>Buy</mark>&lt;/b&gt; Pills &amp; <mark>pills</mark>"
    )
    assert highlight("a < b", []) == "a &lt; b"
    assert highlight("A specialist on cialis; 我们赌博吧", ["cialis", "赌博"]) == (
        "A specialist on <mark>cialis</mark>; 我们<mark>赌博</mark>吧"
    )
    assert highlight("specialist", ["cialis"]) == "spe<mark>cialis</mark>t"


@pytest.mark.parametrize(
    "query",
    [
        *(
            "?queue=nonsense",
            "?comment=999999",
            "?comment=x",
            "?after=9" + "9" * 30,
            "?after=",
            "?before=2026-13-01-1",
            "?before=1.5-1",
        ),
        *("?after=0001-01-01T00:00:00%2B09:00-1", "?order=good&after=nan-1", "?order=good&after=inf-1"),
    ],
)
def test_what_cannot_be_is_not_found(moderator_client, query):
    assert moderator_client.get(QUEUE_URL + query).status_code == 404


def test_a_button_that_is_none_and_a_version_that_is_none_change_nothing(moderator_client, article):
    (comment,) = waiting(article, 1)
    assert "Unknown action." in press(moderator_client, "explode", comment).text
    assert "Please choose a reason." in press(moderator_client, "reject", comment).text
    press(moderator_client, "reject:999999", comment)
    press(moderator_client, "approve", comment, version="x")
    assert reload(comment).status == Status.PENDING


def test_the_desk_is_for_those_who_may_moderate(article, reporter):
    (comment,) = waiting(article, 1)
    stranger, client = Client(), Client()
    client.force_login(reporter)
    for visitor, status in ((stranger, 302), (client, 403)):
        assert visitor.get(QUEUE_URL).status_code == status
        assert press(visitor, "approve", comment).status_code == status
        assert visitor.post(f"{QUEUE_URL}note/", {"comment": comment.pk, "note": "x"}).status_code == status
    assert reload(comment).status == Status.PENDING
    assert "/admin/comments/moderation/" not in client.get("/admin/").text


def test_no_other_page_of_the_desk_exists(moderator_client, article):
    comment = make_comment(article)
    assert moderator_client.get(f"{QUEUE_URL}{comment.pk}/change/").status_code == 404
    assert moderator_client.get(f"{QUEUE_URL}add/").status_code == 404


@pytest.mark.parametrize("number", [3, 30])
@pytest.mark.parametrize(("query", "most"), [("pending", 21), ("reported", 21), ("pending&text=comment&name=ada", 25)])
def test_a_decision_with_the_next_comment_costs_at_most_twenty_one_queries_and_a_search_four_more(
    moderator_client, article, moderator, number, query, most
):
    """Upper bound including session, user and permissions, but not savepoints, with all optional parts shown."""
    parent = make_comment(article, parent=make_comment(article))
    comments = [make_comment(article, status=Status.PENDING, parent=parent, network="n") for _ in range(number)]
    for comment in comments:
        comment.open_reports = 1
        comment.save()
        comment.reports.create(complaint="spam", device="a", network="a", is_counted=True)
        comment.earlier_texts.create(text="Before.")
        comment.notes.create(actor=moderator, text="Look.")
    version = comments[1].stamp
    with CaptureQueriesContext(connection) as queries:
        page = press(moderator_client, "approve", comments[1], query, version=version)
    assert page.context["detail"].comment == comments[2]
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= most


def test_who_opens_what_a_colleague_has_is_told_so(moderator_client, deputy_client, article):
    first, _second = waiting(article, 2)
    moderator_client.get(QUEUE_URL)
    page = deputy_client.get(f"{QUEUE_URL}?comment={first.pk}")
    assert "moderator is reviewing this comment." in page.text
    assert Claim.objects.get(comment=first).actor.username == "moderator"


def test_from_the_desk_one_blocks_what_the_comment_came_with(moderator_client, article):
    make_comment(article, status=Status.PENDING, device="troll", text="See http://evil.example/")
    page = moderator_client.get(QUEUE_URL).text
    assert "/admin/comments/block/add/?kind=device&amp;value=troll" in page
    assert "Block links to evil.example" in page
