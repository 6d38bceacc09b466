import pytest

from comments.models import Comment, Conversation
from comments.moderation.decide import WrongMove, decide
from comments.moderation.picks import pick
from comments.statuses import MOVES, Status
from tests.conftest import make_comment


def count(article):
    return Conversation.objects.get(article=article).public_count


@pytest.fixture
def held(article):
    Conversation.objects.create(article=article)
    return make_comment(article, status=Status.HELD)


def test_approving_makes_it_public_and_writes_a_decision(held, moderator):
    decide(held, Status.APPROVED, by=moderator, reason="a good point")
    held.refresh_from_db()
    assert held.is_public()
    latest = held.decisions.last()
    assert (latest.was, latest.now, latest.by, latest.reason) == (
        Status.HELD,
        Status.APPROVED,
        moderator,
        "a good point",
    )
    assert count(held.article) == 1


def test_taking_back_an_approval_takes_it_out_of_the_count(held, moderator):
    decide(held, Status.APPROVED, by=moderator)
    decide(held, Status.SPAM, by=moderator)
    assert count(held.article) == 0


def test_the_version_moves_when_readers_see_a_change_and_only_then(held, moderator):
    versions = [Conversation.objects.get().version]
    for status in (Status.REJECTED, Status.APPROVED, Status.HELD, Status.SPAM):
        decide(held, status, by=moderator)
        versions.append(Conversation.objects.get().version)
    assert versions == [1, 1, 2, 3, 3]


def test_second_moderator_is_told(held, moderator, deputy):
    mine, theirs = Comment.objects.get(pk=held.pk), Comment.objects.get(pk=held.pk)
    decide(mine, Status.APPROVED, by=moderator)
    with pytest.raises(WrongMove, match=r"already approved \(moderator"):
        decide(theirs, Status.REJECTED, by=deputy)
    assert held.decisions.count() == 2


@pytest.mark.parametrize("is_picked", [True, False])
def test_who_takes_back_the_only_public_comment_too_late_is_told_too(article, moderator, deputy, is_picked):
    comment = make_comment(article)
    if is_picked:
        pick(comment, by=moderator)
        make_comment(article)
    mine, theirs = Comment.objects.get(pk=comment.pk), Comment.objects.get(pk=comment.pk)
    decide(mine, Status.REJECTED, by=moderator)
    with pytest.raises(WrongMove, match=r"already rejected \(moderator"):
        decide(theirs, Status.SPAM, by=deputy)
    assert count(article) == int(is_picked)


def test_approving_what_a_rule_approved_says_that_a_person_has_looked_once(article, moderator):
    comment = make_comment(article)
    decide(comment, Status.APPROVED, by=moderator)
    assert comment.looked_at
    assert count(article) == 1
    with pytest.raises(WrongMove):
        decide(comment, Status.APPROVED, by=moderator)


@pytest.mark.parametrize(("was", "now"), [(was, now) for was in Status for now in Status])
def test_every_move_is_in_the_table_or_refused(article, moderator, was, now):
    comment = make_comment(article, status=was)
    Comment.objects.filter(pk=comment.pk).update(looked_at=comment.created_at)
    comment.refresh_from_db()
    Conversation.objects.get_or_create(article=article)
    if now in MOVES[was]:
        decide(comment, now, by=moderator)
        assert Comment.objects.get(pk=comment.pk).status == now
    else:
        with pytest.raises(WrongMove):
            decide(comment, now, by=moderator)
        assert Comment.objects.get(pk=comment.pk).status == was
        assert comment.decisions.count() == 1


def test_a_reply_counts_for_its_thread(article, moderator):
    opening = make_comment(article)
    reply = make_comment(article, parent=opening, status=Status.HELD)
    deeper = make_comment(article, parent=reply, status=Status.HELD)
    decide(reply, Status.APPROVED, by=moderator)
    decide(deeper, Status.APPROVED, by=moderator)
    decide(reply, Status.REJECTED, by=moderator)
    opening.refresh_from_db()
    assert opening.public_replies == 1
    assert count(article) == 2
