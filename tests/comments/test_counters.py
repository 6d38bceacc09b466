"""Counters of replies below hidden comments, whose placeholders appear and disappear with the replies."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest

from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_comment


@pytest.fixture
def chain(article, moderator):
    """Create five comments, each a reply to the previous one; all but the first are rejected."""
    chain = [make_comment(article)]
    for _ in range(4):
        chain.append(make_comment(article, parent=chain[-1]))
    for comment in chain[:0:-1]:
        decide(Comment.objects.get(pk=comment.pk), Status.REJECTED, actor=moderator)
    return chain


def standing(chain):
    return [
        (comment.is_visible, comment.visible_reply_count, comment.approved_reply_count)
        for comment in Comment.objects.filter(pk__in=[each.pk for each in chain]).order_by("pk")
    ]


def move(comment, status, by):
    decide(Comment.objects.get(pk=comment.pk), status, actor=by)


GONE = (False, 0, 0)
KEPT = (True, 1, 0)


def test_a_reply_brings_back_all_that_it_stands_under_and_takes_it_along_when_it_goes(chain, moderator):
    assert standing(chain) == [(True, 0, 0), GONE, GONE, GONE, GONE]
    move(chain[4], Status.APPROVED, moderator)
    assert standing(chain) == [(True, 1, 1), KEPT, KEPT, KEPT, (True, 0, 0)]
    move(chain[4], Status.SPAM, moderator)
    assert standing(chain) == [(True, 0, 0), GONE, GONE, GONE, GONE]


def test_who_keeps_their_place_already_changes_nothing_above_them(chain, moderator):
    move(chain[4], Status.APPROVED, moderator)
    move(chain[2], Status.APPROVED, moderator)
    assert standing(chain) == [(True, 1, 2), KEPT, KEPT, KEPT, (True, 0, 0)]
    move(chain[4], Status.SPAM, moderator)
    assert standing(chain) == [(True, 1, 1), KEPT, (True, 0, 0), GONE, GONE]


def test_an_opening_comment_that_is_not_public_keeps_its_place_for_a_reply(article, moderator):
    opening = make_comment(article)
    reply = make_comment(article, parent=opening, status=Status.PENDING)
    move(opening, Status.REJECTED, moderator)
    assert standing([opening, reply]) == [GONE, GONE]
    move(reply, Status.APPROVED, moderator)
    assert standing([opening, reply]) == [(True, 1, 1), (True, 0, 0)]
    move(reply, Status.PENDING, moderator)
    assert standing([opening, reply]) == [GONE, GONE]


@pytest.mark.parametrize("depth", [1, 3])
def test_beneath_public_comments_the_counts_are_one_statement(article, moderator, depth):
    parent = None
    for _ in range(depth):
        parent = make_comment(article, parent=parent)
    reply = make_comment(article, parent=parent, status=Status.PENDING)
    with CaptureQueriesContext(connection) as queries:
        move(reply, Status.APPROVED, moderator)
    told = [query["sql"] for query in queries if "UPDATE" in query["sql"] and "visible_reply_count" in query["sql"]]
    assert len(told) == 1
