"""Rate limits are checked before any work on the text."""

from datetime import timedelta

from django.utils import timezone
import pytest

from comments import rate_limits
from comments.identity import Reader
from comments.models import Comment, Conversation, SitePolicy
from comments.readers.edits import edit
from comments.rules import engine
from comments.rules.facts import DeviceRecord, Facts, Outcome
from comments.scoring import predict
from comments.statuses import Policy
from comments.submission import collect_facts
from comments.submission.collect_facts import SubmittedComment
from comments.submission.submit import CommentRefused, submit
from comments.text.fingerprints import TextFingerprint
from comments.text.matcher import Matcher
from tests.conftest import make_comment

DEVICE, NETWORK = "0" * 32, "1" * 32


@pytest.fixture
def no_work(monkeypatch):
    def look(*args, **kwargs):
        raise AssertionError("the text was looked at")

    monkeypatch.setattr(TextFingerprint, "of", look)
    monkeypatch.setattr(Matcher, "find", look)
    monkeypatch.setattr(predict, "_score", look)
    monkeypatch.setattr(collect_facts, "extract_links", look)


def send(article, *, device=DEVICE):
    return submit(article, SubmittedComment(text="a" * 5_000, name="Ada"), Reader(device=device, network=NETWORK))


def write_often(article, number, **fields):
    Comment.objects.bulk_create(
        Comment(article=article, name="x", text=str(each), text_hash=str(each), **fields) for each in range(number)
    )


@pytest.mark.usefixtures("no_work")
def test_from_a_device_that_is_too_fast(article):
    write_often(article, rate_limits.YOUNG_DEVICE_COMMENTS_PER_MINUTE, device=DEVICE)
    with pytest.raises(CommentRefused) as refused:
        send(article)
    assert 0 < refused.value.retry_after <= 60


@pytest.mark.usefixtures("no_work")
def test_from_a_network_that_floods(article):
    write_often(article, rate_limits.NETWORK_REFUSE_PER_MINUTE, network=NETWORK)
    with pytest.raises(CommentRefused, match="from your network"):
        send(article, device=None)


@pytest.mark.usefixtures("no_work")
def test_under_an_article_that_is_closed(article):
    Conversation.objects.create(article=article, policy=Policy.CLOSED)
    with pytest.raises(CommentRefused, match="Comments on this article are closed"):
        send(article)


@pytest.mark.usefixtures("no_work")
def test_from_a_new_device_while_attack_mode_is_on(article):
    SitePolicy.objects.create(pk=1, attack_mode=SitePolicy.AttackMode.ON)
    with pytest.raises(CommentRefused) as refused:
        send(article, device=None)
    assert refused.value.purpose


def test_an_edit_from_a_device_that_is_too_fast(article, no_work):
    comment = make_comment(article, device=DEVICE)
    write_often(article, rate_limits.YOUNG_DEVICE_COMMENTS_PER_MINUTE, device=DEVICE)
    with pytest.raises(CommentRefused):
        edit(comment, "a" * 5_000, Reader(device=DEVICE, network=NETWORK))
    assert Comment.objects.get(pk=comment.pk).text == comment.text


def test_what_keeps_within_the_limits_is_looked_at(article, no_work):
    write_often(article, rate_limits.YOUNG_DEVICE_COMMENTS_PER_MINUTE - 1, device=DEVICE)
    with pytest.raises(AssertionError, match="the text was looked at"):
        send(article)


def test_what_was_written_while_its_turn_was_waited_for_counts(article):
    """Simulate another process that stores comments just after this process has read its clock."""
    at = timezone.now() + timedelta(seconds=2)
    write_often(article, rate_limits.YOUNG_DEVICE_COMMENTS_PER_MINUTE, device=DEVICE, created_at=at)
    with pytest.raises(CommentRefused):
        send(article)


def test_only_limits_are_asked_first(settings):
    facts = Facts(
        policy=Policy.CLOSED,
        device=DeviceRecord(wait_seconds=9),
        network_last_minute=rate_limits.NETWORK_REFUSE_PER_MINUTE,
    )
    names = [finding.rule.rpartition(".")[2] for finding in engine.run_limits(facts)]
    assert names == ["is_closed", "device_is_too_fast", "network_floods"]
    assert {finding.outcome for finding in engine.run_limits(facts)} == {Outcome.REFUSE}
    settings.COMMENT_RULES = ["comments.rules.builtin.device_is_not_trusted"]
    assert engine.run_limits(facts) == []
