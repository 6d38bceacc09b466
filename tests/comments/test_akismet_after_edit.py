"""Edits of a comment whose text was sent to Akismet."""

from datetime import timedelta

from django.utils import timezone

from comments.akismet.worker import run_due
from comments.models import AkismetRequest, Comment, Decision
from comments.models.akismet import AKISMET_FIRST_RULE
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import client_of
from tests.support.akismet import ADDRESS, BROWSER, latest_request, post, post_and_check


def change(comment, text):
    headers = {"Sec-Fetch-Site": "same-origin", "User-Agent": BROWSER}
    response = client_of(comment.device).post(
        f"/comments/{comment.pk}/edit/", {"comment": text}, headers=headers, REMOTE_ADDR=ADDRESS
    )
    assert response.status_code == 303
    comment.refresh_from_db()


def test_after_an_edit_it_is_asked_about_the_new_words(article, akismet):
    comment = post(article)
    change(comment, "I was here.")
    assert sorted(comment.akismet_requests.values_list("state", flat=True)) == ["cancelled", "pending"]
    run_due()
    (form,) = akismet.forms
    assert (form["comment_content"], form["recheck_reason"]) == ("I was here.", "edit")


def test_an_edit_of_what_akismet_let_pass_waits_for_it_again(article, akismet, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    comment = post_and_check(article, akismet)
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=1))  # or the edit is too fast
    change(comment, "Buy my pills.")
    assert comment.status == Status.PENDING
    run_due()
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED


def test_an_edit_publishes_nothing_that_something_else_held(article, akismet, settings, moderator):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    comment = post_and_check(article, akismet)
    decide(comment, Status.PENDING, actor=moderator)
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=1))  # or the edit is too fast
    comment.refresh_from_db()
    change(comment, "Better words.")
    assert [finding["detail"] for finding in comment.decisions.last().findings] == ["Waiting for Akismet"]
    run_due()
    comment.refresh_from_db()
    assert comment.status == Status.PENDING
    assert latest_request(comment).answer == "ham"


def test_spam_that_is_edited_stays_spam_and_is_not_asked_about(article, akismet):
    comment = post_and_check(article, akismet, "true")
    change(comment, "No spam, I swear.")
    assert comment.status == Status.SPAM
    assert AKISMET_FIRST_RULE not in [finding["rule"] for finding in Decision.objects.latest("pk").findings]
    assert not AkismetRequest.objects.open().exists()
