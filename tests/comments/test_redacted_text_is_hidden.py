"""Redacted text: only permitted users see it, and they can restore it."""

from django.test import Client
import pytest

from comments.models import Comment
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.redaction import redact, restore_original
from comments.queue.bulk import start_bulk
from comments.rules.engine import Finding
from comments.rules.facts import Outcome
from comments.statuses import Cause, Status
from tests.comments.test_redaction import QUEUE_URL, SAID, SHORT
from tests.conftest import make_comment


@pytest.fixture
def comment(article) -> Comment:
    return make_comment(article, text=SAID)


LIST = "/admin/comments/comment/"


def pages(user, comment, *others):
    """Return the HTML of the moderation queue, the Django admin and other pages, as the user sees them."""
    client = Client()
    client.force_login(user)
    addresses = [f"{QUEUE_URL}?queue=all&comment={comment.pk}", f"{LIST}{comment.pk}/change/", *others]
    return [client.get(address).text for address in addresses]


def test_what_its_author_had_said_before_is_hidden_with_it(comment, moderator, editor):
    comment.earlier_texts.create(text="Joan Pell, I repeat.")
    redact(comment, "Ask , she knows.", actor=moderator)
    assert not any("I repeat" in page for page in pages(moderator, comment))
    assert all("I repeat" in page for page in pages(editor, comment))


def test_what_its_author_says_after_the_words_are_back_is_seen(comment, moderator, editor):
    redact(comment, "Ask , she knows.", actor=moderator)
    restore_original(comment, actor=editor)
    comment.earlier_texts.create(text="Said later.")
    assert all("Said later." in page for page in pages(moderator, comment))


def test_findings_do_not_quote_it(comment, moderator, editor):
    found = [("Joan Pell", "Pell is on the list"), ("she", "she is on the list")]
    findings = [
        Finding(rule="a.b", outcome=Outcome.HOLD, detail=detail, entry="wordlistentry:1", matched=(word,))
        for word, detail in found
    ]
    decide(comment, Status.PENDING, actor=None, cause=Cause.EDITED, findings=findings)
    assert all("Pell is on the list" in page for page in pages(moderator, comment, LIST))
    redact(comment, "Ask , she knows.", actor=moderator)
    for page in pages(moderator, comment, LIST):
        assert "Pell" not in page
        assert "About redacted text" in page
        assert "she is on the list" in page
    assert all("Pell is on the list" in page for page in pages(editor, comment, LIST))
    assert "Pell" in comment.decisions.filter(cause=Cause.EDITED).get().findings[0]["detail"]


def test_a_decision_about_many_that_left_it_alone_does_not_quote_it(comment, moderator, deputy):
    seen = comment.stamp
    decide(comment, Status.REJECTED, actor=deputy)
    job = start_bulk(Comment.objects.all(), "spam", actor=moderator, seen={comment.pk: seen})
    assert all("Pell" in page for page in pages(moderator, comment, job.get_absolute_url()))
    redact(comment, "Ask , she knows.", actor=moderator)
    *_, page = pages(moderator, comment, job.get_absolute_url())
    assert "Pell" not in page
    assert "It has been redacted since." in page


def press_bring_back(user, comment, version=None):
    client = Client()
    client.force_login(user)
    data = {"restore": "1", "version": version or comment.stamp}
    return client.post(f"{QUEUE_URL}redact/?queue=approved&text=knows&comment={comment.pk}", data, follow=True)


def test_the_words_come_back_after_whatever_was_decided_since(comment, moderator, editor):
    redact(comment, "Ask , she knows.", actor=moderator)
    redact(comment, "Ask .", actor=moderator)
    decide(comment, Status.REJECTED, actor=moderator)
    assert "Restore original text" in pages(editor, comment)[0]
    page = press_bring_back(editor, comment)
    assert page.redirect_chain == [(f"{QUEUE_URL}?queue=approved&text=knows&comment={comment.pk}", 302)]
    comment.refresh_from_db()
    assert (comment.text, comment.redacted_at, comment.status) == (SAID, None, Status.REJECTED)
    assert "Restore original text" not in pages(editor, comment)[0]
    assert "Nothing has been redacted." in press_bring_back(editor, comment).text


def test_only_who_may_see_them_brings_them_back(comment, moderator):
    redact(comment, "Ask , she knows.", actor=moderator)
    assert "Restore original text" not in pages(moderator, comment)[0]
    assert press_bring_back(moderator, comment).status_code == 403
    with pytest.raises(InvalidTransition):
        restore_original(comment, actor=moderator)
    comment.refresh_from_db()
    assert comment.text == SHORT


def test_of_another_version_nothing_comes_back(comment, moderator, editor):
    redact(comment, "Ask , she knows.", actor=moderator)
    press_bring_back(editor, comment, version="1-0")
    comment.refresh_from_db()
    assert comment.text == SHORT


def test_the_way_to_take_words_out_and_back_keeps_the_search(comment, editor):
    client = Client()
    client.force_login(editor)
    page = client.get(f"{QUEUE_URL}?queue=approved&text=knows&comment={comment.pk}").text
    assert f"{QUEUE_URL}redact/?queue=approved&amp;text=knows&amp;comment={comment.pk}" in page
