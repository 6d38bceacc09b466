"""Open reports: they stay open until a moderator has seen them, also after edits and early requests."""

from datetime import timedelta
import re

from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.identity import Reader
from comments.models import Comment, Report, ReportCategory
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.redaction import redact
from comments.moderation.undo import undo
from comments.notifications.moderator_alerts import overdue_since
from comments.queue.detail import MAX_REPORTS_SHOWN, CommentDetail, with_detail
from comments.queue.queues import Queue
from comments.readers.edits import edit
from comments.readers.form_limit import FormRefused
from comments.readers.reports import MAX_REPORTS_PER_NETWORK, report
from comments.statuses import Cause, Status
from tests.conftest import make_comment, send

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
QUEUE_URL = "/admin/comments/moderation/"


def complain(comment, number=0, network=None):
    report(
        comment.pk,
        Reader(f"reader {number}", network or f"network {number}"),
        ReportCategory.ILLEGAL,
        f"Note {number}.",
    )


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


@pytest.fixture
def comment(article):
    """Create a comment of a trusted device that is recent enough to be edited."""
    make_comment(article, device="adas")
    return make_comment(article, device="adas", created_at=timezone.now() - timedelta(minutes=1))


def rewrite(comment, text="Other words."):
    edit(reload(comment), text, Reader("adas", "network of ada"))


def test_what_its_author_withdraws_waits_for_nobody(article, moderator):
    author = Client()
    send(author, article)
    comment = Comment.objects.get()
    decide(comment, Status.APPROVED, actor=moderator)
    complain(comment)
    assert author.post(f"/comments/{comment.pk}/withdraw/", headers=SAME_ORIGIN).status_code == 303
    assert list(Queue.REPORTED.ordered_rows()) == []
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert overdue_since() is None


def test_what_reports_have_hidden_leaves_their_queue_when_it_is_withdrawn(comment):
    complain(comment)
    decide(reload(comment), Status.PENDING, actor=None, cause=Cause.REPORTED)
    decide(reload(comment), Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert list(Queue.REPORTED.ordered_rows()) == []


def test_an_edit_ends_no_report(article, comment, settings):
    settings.COMMENT_REPORT_THRESHOLD = 3
    for number in range(6):
        make_comment(article, device=f"reader {number}")
        complain(comment, number)
        if number % 2:
            rewrite(comment, f"Words {number}.")
    assert reload(comment).status == Status.APPROVED  # never three of the same words
    assert list(Queue.REPORTED.ordered_rows()) == [comment]
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert overdue_since() == Report.objects.earliest("at").at


def test_a_click_does_not_reach_what_was_reported_since_the_page_was_made(comment, moderator_client):
    complain(comment, 1)
    page = moderator_client.get(f"{QUEUE_URL}?queue=reported").text
    complain(comment, 2)
    seen = re.search(r'name="version" value="([^"]+)"', page)[1]
    form = {"comment": comment.pk, "version": seen, "action": "approve"}
    answer = moderator_client.post(f"{QUEUE_URL}?queue=reported", form).text
    assert "Note 2." not in page
    assert "has been reported since you opened it" in answer
    assert "Note 2." in answer
    assert reload(comment).open_reports == 2
    moderator_client.post(f"{QUEUE_URL}?queue=reported", {**form, "version": reload(comment).stamp})
    assert reload(comment).open_reports == 0


@pytest.mark.parametrize("where", ["", "{}/change/"])
def test_neither_does_one_in_the_list_or_on_the_comments_own_page(comment, moderator_client, where):
    address = f"/admin/comments/comment/{where.format(comment.pk)}"
    seen = re.search(rf'name="seen_{comment.pk}" value="([^"]+)"', moderator_client.get(address).text)[1]
    complain(comment)
    form = {"action": "spam", "_selected_action": comment.pk, f"seen_{comment.pk}": seen}
    assert "has been reported since you opened it" in moderator_client.post(address, form, follow=True).text
    assert (reload(comment).status, reload(comment).open_reports) == (Status.APPROVED, 1)


def test_nor_one_that_takes_words_out(comment, editor):
    client = Client()
    client.force_login(editor)
    address = f"{QUEUE_URL}redact/?comment={comment.pk}&queue=approved"
    seen = re.search(r'name="version" value="([^"]+)"', client.get(address).text)[1]
    complain(comment)
    answer = client.post(address, {"text": comment.text.split()[0], "version": seen}).text
    assert "has been reported since you opened it" in answer
    assert reload(comment).redacted_at is None


def test_a_decision_that_was_seen_by_a_colleague_is_named_as_such(comment, moderator, deputy):
    complain(comment)
    mine, theirs = reload(comment), reload(comment)
    decide(mine, Status.PENDING, actor=moderator)
    with pytest.raises(InvalidTransition, match=r"already pending \(moderator"):
        decide(theirs, Status.SPAM, actor=deputy)


def test_the_author_may_withdraw_what_was_reported_since(comment):
    known = reload(comment)
    complain(comment)
    decide(known, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert (reload(comment).open_reports, Report.objects.open().count()) == (0, 0)


def test_only_reports_that_nobody_has_looked_at_call_those_on_duty(comment, moderator):
    now = timezone.now()
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        complain(comment, 1)
        decide(reload(comment), Status.APPROVED, actor=moderator)
    with time_machine.travel(now + timedelta(days=10), tick=False):
        assert overdue_since() is None
        complain(comment, 2)
        assert overdue_since() is None
    with time_machine.travel(now + timedelta(days=11), tick=False):
        assert overdue_since() == now + timedelta(days=10)


def test_also_when_the_look_was_before_an_edit(comment, moderator):
    complain(comment, 1)
    decide(reload(comment), Status.APPROVED, actor=moderator)
    rewrite(comment)
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        complain(comment, 2)
        assert overdue_since() is None


def state(comment):
    comment = reload(comment)
    return comment.status, comment.reviewed_at, comment.open_reports, Report.objects.open().count()


def test_undo_brings_back_the_reports_that_waited_and_no_others(comment, moderator):
    complain(comment, 1)
    decide(reload(comment), Status.APPROVED, actor=moderator)
    rewrite(comment)
    complain(comment, 2)
    before = state(comment)
    decided = reload(comment)
    decide(decided, Status.SPAM, actor=moderator)
    after = state(comment)
    for states in (before, after, before):
        undo(decided, actor=moderator)
        assert state(comment)[0::2] == states[0::2]
    assert state(comment) == before


def test_undo_keeps_what_was_reported_after_the_decision(comment, moderator):
    complain(comment, 1)
    decided = reload(comment)
    decide(decided, Status.APPROVED, actor=moderator)
    complain(comment, 2)
    undo(reload(comment), actor=moderator)
    assert reload(comment).open_reports == 2


def test_a_network_reports_a_comment_only_so_often(comment):
    for number in range(MAX_REPORTS_PER_NETWORK):
        complain(comment, number, network="one")
    with pytest.raises(FormRefused, match="already been reported from your network"):
        complain(comment, "x", network="one")
    complain(comment, "x", network="another")
    rewrite(comment)
    complain(comment, 0, network="one")  # readers may report the edited text again
    assert Report.objects.count() == MAX_REPORTS_PER_NETWORK + 1


def test_strangers_do_not_use_up_the_reports_of_readers_who_are_known_on_their_network(comment, article):
    for number in range(MAX_REPORTS_PER_NETWORK):
        complain(comment, f"unknown {number}", network="one")
    for number in range(MAX_REPORTS_PER_NETWORK):
        make_comment(article, device=f"reader known {number}")
        complain(comment, f"known {number}", network="one")
    make_comment(article, device="reader one more")
    with pytest.raises(FormRefused, match="already been reported from your network"):
        complain(comment, "one more", network="one")


def test_a_second_report_of_a_reader_after_an_edit_is_no_second_open_report(comment, moderator):
    complain(comment, 1)
    rewrite(comment)
    complain(comment, 1)
    assert reload(comment).open_reports == 1
    dismiss = decide(reload(comment), Status.APPROVED, actor=moderator)
    assert dismiss is not None
    rewrite(comment, "Again other words.")
    complain(comment, 1)
    assert reload(comment).open_reports == 1


def test_of_very_many_reports_the_newest_are_shown(comment, moderator_client, moderator):
    start = timezone.now() - timedelta(days=1)
    Report.objects.bulk_create(
        Report(
            comment=comment,
            complaint="other",
            note=f"Note {number}.",
            device=f"reader {number}",
            network="n",
            is_counted=False,
            at=start + timedelta(seconds=number),
        )
        for number in range(MAX_REPORTS_SHOWN + 1)
    )
    Comment.objects.filter(pk=comment.pk).update(open_reports=MAX_REPORTS_SHOWN + 1)
    focus = CommentDetail.of(with_detail(Comment.objects.filter(pk=comment.pk)).get(), moderator)
    assert [remark.text for remark in focus.reports] == [
        f"Note {number}." for number in range(1, MAX_REPORTS_SHOWN + 1)
    ]
    for address in (f"{QUEUE_URL}?queue=reported", f"/admin/comments/comment/{comment.pk}/change/"):
        page = moderator_client.get(address).text
        assert page.count("Note ") - page.count("Note for") == MAX_REPORTS_SHOWN
        assert f"Note {MAX_REPORTS_SHOWN}." in page
    assert "Showing the latest only." in moderator_client.get(f"{QUEUE_URL}?queue=reported").text
    assert moderator_client.get("/admin/comments/comment/").text.count("reported: Something else") == 10


def test_words_are_taken_out_of_what_was_reported_and_seen(comment, editor):
    complain(comment)
    redact(reload(comment), comment.text.split()[0], actor=editor)
    assert reload(comment).open_reports == 0
