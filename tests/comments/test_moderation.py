import pytest

from comments.models import Comment, Conversation
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.picks import pick
from comments.statuses import TRANSITIONS, Status
from tests.conftest import make_comment


def count(article):
    return Conversation.objects.get(article=article).public_count


@pytest.fixture
def held(article):
    Conversation.objects.create(article=article)
    return make_comment(article, status=Status.PENDING)


def test_approving_makes_it_public_and_writes_a_decision(held, moderator):
    decide(held, Status.APPROVED, actor=moderator, reason="a good point")
    held.refresh_from_db()
    assert held.is_public()
    latest = held.decisions.last()
    assert (latest.from_status, latest.to_status, latest.actor, latest.reason) == (
        Status.PENDING,
        Status.APPROVED,
        moderator,
        "a good point",
    )
    assert count(held.article) == 1


def test_taking_back_an_approval_takes_it_out_of_the_count(held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    decide(held, Status.SPAM, actor=moderator)
    assert count(held.article) == 0


def test_the_version_moves_when_readers_see_a_change_and_only_then(held, moderator):
    versions = [Conversation.objects.get().version]
    for status in (Status.REJECTED, Status.APPROVED, Status.PENDING, Status.SPAM):
        decide(held, status, actor=moderator)
        versions.append(Conversation.objects.get().version)
    assert versions == [1, 1, 2, 3, 3]


def test_second_moderator_is_told(held, moderator, deputy):
    mine, theirs = Comment.objects.get(pk=held.pk), Comment.objects.get(pk=held.pk)
    decide(mine, Status.APPROVED, actor=moderator)
    with pytest.raises(InvalidTransition, match=r"already approved \(moderator"):
        decide(theirs, Status.REJECTED, actor=deputy)
    assert held.decisions.count() == 2


@pytest.mark.parametrize("is_picked", [True, False])
def test_who_takes_back_the_only_public_comment_too_late_is_told_too(article, moderator, deputy, is_picked):
    comment = make_comment(article)
    if is_picked:
        pick(comment, actor=moderator)
        make_comment(article)
    mine, theirs = Comment.objects.get(pk=comment.pk), Comment.objects.get(pk=comment.pk)
    decide(mine, Status.REJECTED, actor=moderator)
    with pytest.raises(InvalidTransition, match=r"already rejected \(moderator"):
        decide(theirs, Status.SPAM, actor=deputy)
    assert count(article) == int(is_picked)


def test_approving_what_a_rule_approved_says_that_a_person_has_looked_once(article, moderator):
    comment = make_comment(article)
    decide(comment, Status.APPROVED, actor=moderator)
    assert comment.reviewed_at
    assert count(article) == 1
    with pytest.raises(InvalidTransition):
        decide(comment, Status.APPROVED, actor=moderator)


@pytest.mark.parametrize(("from_status", "now"), [(from_status, now) for from_status in Status for now in Status])
def test_every_move_is_in_the_table_or_refused(article, moderator, from_status, now):
    comment = make_comment(article, status=from_status)
    Comment.objects.filter(pk=comment.pk).update(reviewed_at=comment.created_at)
    comment.refresh_from_db()
    Conversation.objects.get_or_create(article=article)
    if now in TRANSITIONS[from_status]:
        decide(comment, now, actor=moderator)
        assert Comment.objects.get(pk=comment.pk).status == now
    else:
        with pytest.raises(InvalidTransition):
            decide(comment, now, actor=moderator)
        assert Comment.objects.get(pk=comment.pk).status == from_status
        assert comment.decisions.count() == 1


def test_a_reply_counts_for_its_thread(article, moderator):
    opening = make_comment(article)
    reply = make_comment(article, parent=opening, status=Status.PENDING)
    deeper = make_comment(article, parent=reply, status=Status.PENDING)
    decide(reply, Status.APPROVED, actor=moderator)
    decide(deeper, Status.APPROVED, actor=moderator)
    decide(reply, Status.REJECTED, actor=moderator)
    opening.refresh_from_db()
    assert opening.approved_reply_count == 1
    assert count(article) == 2
