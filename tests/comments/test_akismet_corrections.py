"""Corrections sent to Akismet: after a moderator contradicts its verdict and the undo period has ended."""

import contextlib
from datetime import timedelta

from django.utils import timezone
import pytest

from comments.akismet.client import AkismetUnavailable
from comments.akismet.requests import CORRECTION_DELAY
from comments.akismet.worker import run_due
from comments.models import AkismetRequest
from comments.moderation.decide import decide
from comments.moderation.undo import undo
from comments.statuses import Cause, Status
from newsite.worker import worker
from newsite.worker.worker import Worker
from tests.conftest import make_comment
from tests.support.akismet import ADDRESS, finding_details, latest_request, post, post_and_check


def let_time_pass():
    AkismetRequest.objects.filter(state="pending").update(due_at=timezone.now())


def corrections(comment):
    wanted = comment.akismet_requests.exclude(kind="check").order_by("pk")
    return list(wanted.values_list("kind", "state"))


@pytest.mark.parametrize(
    ("says", "decided", "operation"),
    [("false", Status.SPAM, "/1.1/submit-spam"), ("true", Status.APPROVED, "/1.1/submit-ham")],
)
def test_it_is_told_after_the_time_to_undo_with_what_is_kept(article, akismet, moderator, says, decided, operation):
    comment = post_and_check(article, akismet, says)
    decide(comment, decided, actor=moderator)
    correction = latest_request(comment)
    assert abs(correction.due_at - timezone.now() - CORRECTION_DELAY) < timedelta(seconds=5)
    assert run_due() == 0
    let_time_pass()
    assert run_due() == 1
    assert akismet.operations[1:] == [operation]
    question, told = akismet.forms
    del question["user_agent"]
    assert told == question | {"user_ip": "192.0.2.1"}
    assert latest_request(comment).state == "done"


@pytest.mark.parametrize(
    ("says", "decided"),
    [
        ("false", Status.APPROVED),
        ("false", Status.REJECTED),
        ("true", Status.REJECTED),
        ("true", Status.PENDING),
    ],
)
def test_what_contradicts_nothing_is_not_sent(article, akismet, moderator, says, decided):
    comment = post_and_check(article, akismet, says)
    decide(comment, decided, actor=moderator)
    assert corrections(comment) == []


def test_what_is_undone_in_time_is_not_sent(article, akismet, moderator):
    comment = post_and_check(article, akismet)
    decide(comment, Status.SPAM, actor=moderator)
    undo(comment, actor=moderator)
    assert corrections(comment) == [("spam", "cancelled")]
    assert run_due() == 0


def test_what_is_undone_later_is_corrected_again(article, akismet, moderator):
    comment = post_and_check(article, akismet, "true")
    decide(comment, Status.APPROVED, actor=moderator)
    let_time_pass()
    run_due()
    decide(comment, Status.SPAM, actor=moderator)
    assert corrections(comment) == [("ham", "done"), ("spam", "pending")]
    decide(comment, Status.APPROVED, actor=moderator)
    assert corrections(comment) == [("ham", "done"), ("spam", "cancelled")]


def test_two_decisions_that_say_the_same_are_one_correction(article, akismet, moderator, deputy):
    comment = post_and_check(article, akismet, "true")
    decide(comment, Status.APPROVED, actor=moderator)
    decide(comment, Status.APPROVED, actor=deputy, cause=Cause.PICKED)
    assert corrections(comment) == [("ham", "pending")]


def test_nothing_is_corrected_that_was_never_answered(article, akismet, moderator):
    unanswered, never_asked = post(article), make_comment(article, status=Status.PENDING)
    for comment in (unanswered, never_asked):
        decide(comment, Status.SPAM, actor=moderator)
        assert corrections(comment) == []


def test_what_akismet_said_of_other_words_is_not_corrected(article, akismet, moderator):
    comment = post_and_check(article, akismet, "true")
    type(comment).objects.update(edited_at=timezone.now())
    comment.refresh_from_db()
    decide(comment, Status.APPROVED, actor=moderator)
    assert corrections(comment) == []


def test_withdrawn_before_it_was_sent_it_is_not_sent(article, akismet, moderator):
    comment = post_and_check(article, akismet, "true")
    decide(comment, Status.APPROVED, actor=moderator)
    decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert corrections(comment) == [("ham", "cancelled")]


def refused(article, akismet, moderator):
    """Create a comment with a due correction, which Akismet rejects."""
    comment = post_and_check(article, akismet, "true")
    decide(comment, Status.APPROVED, actor=moderator)
    let_time_pass()
    akismet.feedback_response = "invalid"
    return comment


@pytest.mark.parametrize("status", [500, 200])
def test_a_correction_that_is_not_taken_is_sent_again_and_moves_no_comment(article, akismet, moderator, status):
    comment = refused(article, akismet, moderator)
    akismet.status = status
    with contextlib.suppress(AkismetUnavailable):
        run_due()
    assert corrections(comment) == [("ham", "pending")]
    akismet.status, akismet.feedback_response = 200, "Thanks for making the web a better place."
    let_time_pass()
    run_due()
    assert corrections(comment) == [("ham", "done")]
    assert finding_details(comment)[-1] == "Akismet: Spam"
    assert ADDRESS not in str(akismet.forms[1:])


def test_a_correction_that_is_not_taken_keeps_no_question_waiting(article, akismet, moderator):
    corrected = refused(article, akismet, moderator)
    one = post(article, comment="One.")
    assert run_due() == 2
    assert akismet.operations[1:] == ["/1.1/comment-check", "/1.1/submit-ham"]  # the check was created later
    assert latest_request(one).answer == "spam"
    assert latest_request(corrected).last_error == "Key rejected"


def test_a_worker_whose_correction_is_not_taken_goes_on_asking(article, akismet, moderator, monkeypatch):
    refused(article, akismet, moderator)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # pytest keeps the connection open
    work = Worker()
    work.run_once()
    two = post(article, comment="Two.")
    work.run_once()
    assert latest_request(two).answer == "spam"


def test_without_a_key_nothing_is_corrected(article, akismet, moderator, settings):
    comment = post_and_check(article, akismet)
    settings.AKISMET_KEY = ""
    decide(comment, Status.SPAM, actor=moderator)
    assert corrections(comment) == []
