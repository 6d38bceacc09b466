"""Rule hits: which rule and entry matched which comment, whether decisive, whether overruled."""

from datetime import timedelta

from django.utils import timezone
import pytest
import time_machine

from comments.identity import Reader
from comments.models import Block, Comment, Decision, RuleHit, WordListEntry
from comments.models.rule_hit import decisive_rules
from comments.moderation.decide import decide
from comments.moderation.picks import pick
from comments.moderation.undo import undo
from comments.readers.edits import edit
from comments.rules.builtin import ESTABLISHED_MIN_APPROVED
from comments.statuses import Cause, Status
from comments.submission.collect_facts import SubmittedComment
from comments.submission.submit import CommentRefused, submit
from tests.conftest import make_comment

R = "comments.rules.builtin."
UNTRUSTED, LINKS, LISTED, BLOCKED = (
    R + rule for rule in ("device_is_not_trusted", "has_many_links", "matches_word_list", "is_blocked")
)
ADA = Reader("5e000000" + "0" * 24, "ada" * 10 + "00")  # known since 2019
LINKED = "See http://a.example and http://b.example and http://c.example"


@pytest.fixture
def trusted(article):
    at = timezone.now() - timedelta(days=2)
    for _ in range(ESTABLISHED_MIN_APPROVED):
        make_comment(article, device=ADA.device, created_at=at, decided_at=at)
    return article


def write(article, text="I was there.", reader=ADA, name="Ada"):
    """Post a comment a minute ago, a minute after the page was rendered."""
    at = timezone.now()
    with time_machine.travel(at - timedelta(minutes=1)):
        return submit(article, SubmittedComment(text, name, rendered_at=at - timedelta(minutes=2)), reader).comment


def rule_hits_on(comment):
    rows = RuleHit.objects.filter(comment=comment).order_by("rule", "entry")
    return {(row.rule, row.entry): (row.is_decisive, row.is_overruled) for row in rows}


def finding(rule, outcome="hold", entry=""):
    return {"rule": rule, "outcome": outcome, "detail": ""} | ({"entry": entry, "matched": []} if entry else {})


@pytest.mark.parametrize(
    ("findings", "alone"),
    [
        ([], {}),
        ([finding("a")], {("a", ""): True}),
        ([finding("a"), finding("b")], {("a", ""): False, ("b", ""): False}),
        ([finding("a"), finding("b", "spam")], {("a", ""): False, ("b", ""): True}),
        ([finding("a", "publish")], {("a", ""): False}),
        ([finding("a", entry="block:1")], {("a", ""): True, ("a", "block:1"): True}),
        (
            [finding("a", entry="block:1"), finding("a", entry="block:2")],
            {("a", ""): True, ("a", "block:1"): False, ("a", "block:2"): False},
        ),
        (
            [finding("a", entry="list:1"), finding("a", "spam", entry="list:2"), finding("b")],
            {("a", ""): True, ("a", "list:1"): False, ("a", "list:2"): True, ("b", ""): False},
        ),
        ([finding("a"), finding("a")], {("a", ""): True}),
        ([finding("a" * 300, entry="b" * 300)], {("a" * 200, ""): True, ("a" * 200, "b" * 60): True}),
    ],
)
def test_what_was_alone_decisive(findings, alone):
    assert decisive_rules(findings) == alone


def test_a_submission_is_recorded_with_its_time(article):
    comment = write(article)
    assert rule_hits_on(comment) == {(UNTRUSTED, ""): (True, False)}
    assert RuleHit.objects.get().comment_created_at == comment.created_at


def test_a_comment_on_which_nothing_fires_costs_no_query_more(trusted, django_assert_num_queries):
    comment = write(trusted)
    decision = comment.decisions.get()
    with django_assert_num_queries(0):
        RuleHit.record(decision)
    assert rule_hits_on(comment) == {}


def test_what_is_refused_leaves_no_firing(trusted):
    entry = WordListEntry.objects.create(kind="word", value="cialis", outcome="refuse")
    with pytest.raises(CommentRefused):
        write(trusted, f"Buy {entry.value}.")
    assert not RuleHit.objects.exists()


def test_entries_of_lists_and_blocks_have_rows_of_their_own(trusted, moderator):
    block = Block(kind="network", value=ADA.network, reason="A cluster", author=moderator)
    block.full_clean()
    block.begins_at -= timedelta(hours=1)
    block.save()
    entry = WordListEntry.objects.create(kind="word", value="cialis", outcome="spam")
    assert rule_hits_on(write(trusted, "Buy cialis.")) == {
        (BLOCKED, ""): (False, False),
        (BLOCKED, f"block:{block.pk}"): (False, False),
        (LISTED, ""): (True, False),
        (LISTED, f"wordlistentry:{entry.pk}"): (True, False),
    }


def test_a_persons_approval_overrules_what_was_alone_decisive(article, trusted, moderator):
    alone, together = write(trusted, LINKED), write(article, LINKED + "!", Reader(None, "other"), "Bob")
    for comment in (alone, together):
        decide(comment, Status.APPROVED, actor=moderator)
    assert rule_hits_on(alone) == {(LINKS, ""): (True, True)}
    assert rule_hits_on(together) == {(LINKS, ""): (False, False), (UNTRUSTED, ""): (False, False)}


@pytest.mark.parametrize("status", [Status.REJECTED, Status.SPAM])
def test_a_persons_other_decisions_overrule_nothing(trusted, moderator, status):
    comment = write(trusted, LINKED)
    decide(comment, status, actor=moderator)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, False)}


def test_the_latest_decision_of_a_person_counts(trusted, moderator):
    comment = write(trusted, LINKED)
    decide(comment, Status.APPROVED, actor=moderator)
    decide(comment, Status.REJECTED, actor=moderator)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, False)}
    undo(comment, actor=moderator)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, True)}
    pick(comment, actor=moderator)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, True)}


def test_an_approval_that_is_undone_overrules_nothing(trusted, moderator):
    comment = write(trusted, LINKED)
    decide(comment, Status.APPROVED, actor=moderator)
    undo(comment, actor=moderator)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, False)}


def test_withdrawing_and_reports_leave_the_persons_word(trusted, moderator):
    comment = write(trusted, LINKED)
    decide(comment, Status.APPROVED, actor=moderator)
    decide(comment, Status.PENDING, actor=None, cause=Cause.REPORTED)
    decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, True)}


def test_edited_words_begin_anew(trusted, moderator):
    comment = write(trusted, LINKED)
    edit(comment, "No links.", ADA)
    assert rule_hits_on(comment) == {(LINKS, ""): (False, False)}
    decide(comment, Status.APPROVED, actor=moderator)
    assert rule_hits_on(comment) == {(LINKS, ""): (False, False)}
    edit(comment, LINKED + "!", ADA)
    assert rule_hits_on(comment) == {(LINKS, ""): (True, False)}


def test_firings_go_with_their_comment(article):
    comment = write(article)
    Decision.objects.filter(comment=comment).delete()
    Comment.objects.filter(pk=comment.pk).delete()
    assert not RuleHit.objects.exists()
