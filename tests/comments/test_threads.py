from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from comments.models import Comment
from comments.moderation import decide
from comments.statuses import Status
from comments.threads import THREADS_A_PAGE, page_of, page_with
from tests.conftest import make_comment


def texts(page):
    return [comment.text for comment in page.comments]


def test_newest_thread_first_and_its_replies_beneath_it(article):
    first = make_comment(article, text="first")
    make_comment(article, text="second")
    reply = make_comment(article, text="reply", parent=first)
    make_comment(article, text="late reply", parent=first)
    make_comment(article, text="reply to the reply", parent=reply)
    assert texts(page_of(article.pk)) == ["second", "first", "reply", "reply to the reply", "late reply"]


@pytest.mark.parametrize("status", [Status.HELD, Status.REJECTED, Status.SPAM, Status.WITHDRAWN])
def test_only_approved_comments_are_seen(article, status):
    make_comment(article, status=status)
    assert texts(page_of(article.pk)) == []


def test_an_author_sees_what_waits_and_nobody_else_does(article):
    make_comment(article, text="waiting", status=Status.HELD, device="mine")
    assert texts(page_of(article.pk, own_device="mine")) == ["waiting"]
    assert "Waiting for approval. Only you can see it." in page_of(article.pk, own_device="mine").html(
        own_device="mine"
    )
    assert texts(page_of(article.pk, own_device="another")) == []


def test_a_spammer_sees_what_a_held_reader_sees(article):
    make_comment(article, status=Status.SPAM, device="mine")
    assert "Waiting for approval." in page_of(article.pk, own_device="mine").html(own_device="mine")


def test_an_author_sees_a_waiting_reply_under_its_parent(article):
    parent = make_comment(article, text="parent")
    make_comment(article, text="waiting", parent=parent, status=Status.HELD, device="mine")
    assert texts(page_of(article.pk, own_device="mine")) == ["parent", "waiting"]
    assert texts(page_of(article.pk, own_device="another")) == ["parent"]
    assert texts(page_of(article.pk)) == ["parent"]


def test_what_is_gone_keeps_its_place_while_somebody_seen_replied_to_it(article, moderator):
    opening = make_comment(article, name="Bob", text="opening")
    reply = make_comment(article, parent=opening, text="reply")
    make_comment(article, parent=reply, text="answer")
    decide(opening, Status.REJECTED, by=moderator)
    reply.refresh_from_db()
    decide(reply, Status.WITHDRAWN, by=None)
    html = page_of(article.pk).html()
    assert "answer" in html
    assert html.count("This comment is no longer here.") == 2
    assert "opening" not in html
    assert "Bob" not in html


def test_the_name_of_a_parent_that_is_hidden_later_is_not_kept_in_its_replies(article, moderator):
    parent = make_comment(article, name="Rude Name")
    make_comment(article, parent=parent, text="reply")
    assert page_of(article.pk).html().count("Rude Name") == 2
    decide(parent, Status.REJECTED, by=moderator)
    assert "Rude Name" not in page_of(article.pk).html()


def test_a_page_has_so_many_threads_and_a_link_to_the_older_ones(article):
    start = timezone.now() - timedelta(days=1)
    for number in range(THREADS_A_PAGE + 5):
        make_comment(article, text=str(number), created_at=start + timedelta(minutes=number // 2))
    first = page_of(article.pk)
    second = page_of(article.pk, before=Comment.objects.get(pk=first.older))
    assert texts(first) + texts(second) == [str(number) for number in reversed(range(THREADS_A_PAGE + 5))]
    assert second.older is None


def test_a_comment_is_found_on_its_page(article):
    comments = [make_comment(article) for _ in range(THREADS_A_PAGE * 2 + 1)]
    for comment in comments:
        page = page_of(article.pk, before=page_with(comment))
        assert comment in page.comments
    deep = make_comment(article, parent=comments[0])
    assert deep in page_of(article.pk, before=page_with(deep)).comments


def test_two_queries_however_many_comments(article):
    for size in (2, 12):
        for _ in range(size):
            make_comment(article, parent=make_comment(article))
        with CaptureQueriesContext(connection) as queries:
            page_of(article.pk).html()
        assert len(queries) == 2


def test_a_chain_of_a_thousand_replies_is_no_problem(article):
    parent = make_comment(article)
    for _ in range(1000):
        parent = Comment(article=article, name="Ada", text="deeper", status=Status.APPROVED, text_hash="")
        parent.place_under(Comment.objects.latest("pk"))
        parent.save()
    page = page_of(article.pk)
    assert len(page.comments) > 400
    assert 'class="comment level-4"' in page.html()
