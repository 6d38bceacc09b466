from django.test import Client
import pytest

from comments.models import Notification
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.undo import reapply_decision, undo
from comments.queue.detail import returnable_decisions
from comments.statuses import Cause, Status
from tests.conftest import make_comment
from tests.support.notifications import create_subscription

QUEUE_URL = "/admin/comments/moderation/"


@pytest.fixture
def comment(article, moderator, deputy):
    """Create a comment that was held, then rejected with a reason, then approved."""
    comment = make_comment(article, status=Status.PENDING)
    decide(
        comment, Status.REJECTED, actor=deputy, reason="Personal attack", author_message="Please stay with the matter."
    )
    decide(comment, Status.APPROVED, actor=moderator)
    return comment


def test_one_returns_to_an_older_state_by_a_new_decision_with_its_reason(comment, moderator):
    rejected = comment.decisions.get(to_status=Status.REJECTED)
    reapply_decision(rejected, comment, actor=moderator)
    latest = comment.decisions.last()
    assert comment.status == Status.REJECTED
    assert (latest.cause, latest.actor, latest.reason) == ("returned", moderator, "Personal attack")
    assert latest.author_message == "Please stay with the matter."
    undo(comment, actor=moderator)
    assert comment.status == Status.APPROVED


def test_the_desk_offers_each_state_in_which_it_is_not(comment, moderator):
    client = Client()
    client.force_login(moderator)
    html = client.get(f"{QUEUE_URL}?queue=approved&comment={comment.pk}").content.decode()
    held, rejected, approved = comment.decisions.order_by("pk")
    assert f'value="return:{held.pk}"' in html
    assert f'value="return:{rejected.pk}"' in html
    assert f'value="return:{approved.pk}"' not in html
    form = {"comment": comment.pk, "version": comment.version, "action": f"return:{held.pk}"}
    html = client.post(f"{QUEUE_URL}?queue=approved", form).content.decode()
    comment.refresh_from_db()
    assert comment.status == Status.PENDING
    assert 'aria-label="Selected comment"' in html
    assert "set back to that status" in html


def test_the_same_state_is_offered_once(comment, moderator):
    decide(comment, Status.REJECTED, actor=moderator)
    decide(comment, Status.APPROVED, actor=moderator)
    rejections = comment.decisions.filter(to_status=Status.REJECTED).order_by("pk")
    assert rejections.last().pk in returnable_decisions(comment)
    assert rejections.first().pk not in returnable_decisions(comment)


def test_what_its_author_withdrew_stays_so(comment, moderator):
    decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert returnable_decisions(comment) == set()
    with pytest.raises(InvalidTransition):
        reapply_decision(comment.decisions.get(to_status=Status.REJECTED), comment, actor=moderator)


def test_a_decision_about_another_comment_is_none(comment, moderator, article):
    other = make_comment(article, status=Status.PENDING)
    theirs = other.decisions.get()
    client = Client()
    client.force_login(moderator)
    form = {"comment": comment.pk, "version": comment.version, "action": f"return:{theirs.pk}"}
    assert "Unknown action" in client.post(f"{QUEUE_URL}?queue=approved", form).content.decode()
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED


def test_the_author_is_told_as_of_any_decision(comment, moderator):
    create_subscription(comment.device, "joan@example.org")
    reapply_decision(comment.decisions.get(to_status=Status.REJECTED), comment, actor=moderator)
    assert Notification.objects.get(kind=Notification.Kind.REJECTED).decision == comment.decisions.last()
