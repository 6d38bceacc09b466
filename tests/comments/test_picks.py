from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest

from comments.identity import Reader
from comments.models import Comment, Conversation
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.picks import pick, unpick
from comments.readers.edits import edit
from comments.statuses import Cause, Status
from comments.threads.pages import Sort, conversation_page
from tests.conftest import make_article, make_comment, trusted_client

PICKS = '?sort=picks#conversation"'


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


def page(article, query=""):
    return Client().get(article.get_absolute_url() + query).text


def test_a_pick_carries_a_mark_and_stands_first_in_a_tab_of_its_own(article, moderator):
    opening = make_comment(article, text="opening")
    reply = make_comment(article, text="reply", parent=opening)
    make_comment(article, text="another")
    assert PICKS not in page(article)
    pick(reload(opening), actor=moderator)
    pick(reload(reply), actor=moderator)
    text = page(article)
    assert text.count('<span class="pick">') == 2
    assert text.index("?sort=picks") < text.index("?sort=oldest")
    picks = page(article, "?sort=picks")
    assert picks.index(">reply<") < picks.index(">opening<")
    assert ">another<" not in picks
    assert "in reply to" in picks


def test_a_pick_that_is_hidden_or_taken_back_leaves_the_tab(article, moderator):
    comments = [make_comment(article) for _ in range(3)]
    for comment in comments:
        pick(reload(comment), actor=moderator)
    decide(reload(comments[0]), Status.REJECTED, actor=moderator)
    unpick(reload(comments[1]), actor=moderator)
    assert [thread.opening.pk for thread in conversation_page(article.pk, sort=Sort.PICKS).threads] == [comments[2].pk]
    assert Conversation.objects.get().pick_count == 1
    assert page(article).count('<span class="pick">') == 1
    decide(reload(comments[0]), Status.APPROVED, actor=moderator)
    assert Conversation.objects.get().pick_count == 2


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN])
def test_only_what_is_public_can_be_picked(article, moderator, status):
    comment = make_comment(article, status=status)
    with pytest.raises(InvalidTransition):
        pick(comment, actor=moderator)
    assert reload(comment).picked_at is None
    assert not comment.decisions.exclude(cause=Cause.SUBMITTED).exists()


def test_a_pick_is_a_look_and_is_written_down_once(article, moderator):
    comment = make_comment(article)
    pick(reload(comment), actor=moderator)
    with pytest.raises(InvalidTransition):
        pick(reload(comment), actor=moderator)
    decision = comment.decisions.last()
    assert (decision.cause, decision.actor, decision.to_status) == (Cause.PICKED, moderator, Status.APPROVED)
    assert reload(comment).reviewed_at
    unpick(reload(comment), actor=moderator)
    with pytest.raises(InvalidTransition):
        unpick(reload(comment), actor=moderator)


def test_an_edit_takes_the_pick_back(article, moderator):
    device = trusted_client(make_article()).cookies["device"].value.partition(":")[0]
    comment = make_comment(article, device=device, created_at=timezone.now() - timedelta(minutes=1))
    pick(reload(comment), actor=moderator)
    edit(reload(comment), "Foul words.", Reader(device, "network"))
    assert reload(comment).picked_at is None
    assert reload(comment).is_public()
    assert Conversation.objects.get(article=article).pick_count == 0
    assert '<span class="pick">' not in page(article)


def test_the_tab_and_the_mark_are_there_at_once(article, moderator):
    comment, _other = make_comment(article), make_comment(article)
    page(article)
    pick(reload(comment), actor=moderator)
    assert PICKS in page(article)
    unpick(reload(comment), actor=moderator)
    assert PICKS not in page(article)
