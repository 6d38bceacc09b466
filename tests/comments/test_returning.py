from django.test import Client
import pytest

from comments.models import Letter
from comments.moderation.decide import WrongMove, decide
from comments.moderation.undo import return_to, undo
from comments.queue.detail import returns
from comments.statuses import Cause, Status
from tests.conftest import make_comment
from tests.letters import subscribed

DESK = "/admin/comments/desk/"


@pytest.fixture
def comment(article, moderator, deputy):
    """Held, then rejected for a reason, then approved."""
    comment = make_comment(article, status=Status.HELD)
    decide(comment, Status.REJECTED, by=deputy, reason="Personal attack", told="Please stay with the matter.")
    decide(comment, Status.APPROVED, by=moderator)
    return comment


def test_one_returns_to_an_older_state_by_a_new_decision_with_its_reason(comment, moderator):
    rejected = comment.decisions.get(now=Status.REJECTED)
    return_to(rejected, comment, by=moderator)
    latest = comment.decisions.last()
    assert comment.status == Status.REJECTED
    assert (latest.cause, latest.by, latest.reason) == ("returned", moderator, "Personal attack")
    assert latest.told == "Please stay with the matter."
    undo(comment, by=moderator)
    assert comment.status == Status.APPROVED


def test_the_desk_offers_each_state_in_which_it_is_not(comment, moderator):
    client = Client()
    client.force_login(moderator)
    html = client.get(f"{DESK}?queue=approved&comment={comment.pk}").content.decode()
    held, rejected, approved = comment.decisions.order_by("pk")
    assert f'value="return:{held.pk}"' in html
    assert f'value="return:{rejected.pk}"' in html
    assert f'value="return:{approved.pk}"' not in html
    form = {"comment": comment.pk, "version": comment.version, "move": f"return:{held.pk}"}
    html = client.post(f"{DESK}?queue=approved", form).content.decode()
    comment.refresh_from_db()
    assert comment.status == Status.HELD
    assert 'aria-label="Selected comment"' in html
    assert "restored to that status" in html


def test_the_same_state_is_offered_once(comment, moderator):
    decide(comment, Status.REJECTED, by=moderator)
    decide(comment, Status.APPROVED, by=moderator)
    rejections = comment.decisions.filter(now=Status.REJECTED).order_by("pk")
    assert rejections.last().pk in returns(comment)
    assert rejections.first().pk not in returns(comment)


def test_what_its_author_withdrew_stays_so(comment, moderator):
    decide(comment, Status.WITHDRAWN, by=None, cause=Cause.WITHDRAWN)
    assert returns(comment) == set()
    with pytest.raises(WrongMove):
        return_to(comment.decisions.get(now=Status.REJECTED), comment, by=moderator)


def test_a_decision_about_another_comment_is_none(comment, moderator, article):
    other = make_comment(article, status=Status.HELD)
    theirs = other.decisions.get()
    client = Client()
    client.force_login(moderator)
    form = {"comment": comment.pk, "version": comment.version, "move": f"return:{theirs.pk}"}
    assert "Unknown action" in client.post(f"{DESK}?queue=approved", form).content.decode()
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED


def test_the_author_is_told_as_of_any_decision(comment, moderator):
    subscribed(comment.device, "joan@example.org")
    return_to(comment.decisions.get(now=Status.REJECTED), comment, by=moderator)
    assert Letter.objects.get(kind=Letter.Kind.REJECTED).decision == comment.decisions.last()
