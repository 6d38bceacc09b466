from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from articles.cursor import PageCursor
from comments.db.compiled_query import CompiledParentChildQuery
from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from comments.threads.pages import (
    INITIAL_REPLIES,
    REPLIES_PER_PAGE,
    THREADS_PER_PAGE,
    Sort,
    conversation_page,
    find_page,
    parse_cursor,
    thread_page,
)
from tests.conftest import make_comment


def texts(page):
    return [comment.text for thread in page.threads for comment in (thread.opening, *thread.replies)]


def html(page):
    return b"".join(thread.html for thread in page.threads).decode()


def test_newest_thread_first_and_its_replies_beneath_it(article):
    first = make_comment(article, text="first")
    make_comment(article, text="second")
    reply = make_comment(article, text="reply", parent=first)
    make_comment(article, text="late reply", parent=first)
    make_comment(article, text="reply to the reply", parent=reply)
    assert texts(conversation_page(article.pk)) == ["second", "first", "reply", "reply to the reply", "late reply"]
    assert texts(conversation_page(article.pk, sort=Sort.OLDEST)) == [
        "first",
        "reply",
        "reply to the reply",
        "late reply",
        "second",
    ]


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST, Sort.RECOMMENDED])
def test_a_page_is_the_same_in_whichever_order_the_database_gives_its_rows(article, monkeypatch, sort):
    for number in range(3):
        opening = make_comment(article, recommendations=number % 2)
        for _ in range(number * 2):
            make_comment(article, parent=opening)
    as_it_is = texts(conversation_page(article.pk, sort=sort))
    rows = CompiledParentChildQuery.rows
    monkeypatch.setattr(CompiledParentChildQuery, "rows", lambda self, **values: rows(self, **values)[::-1])
    assert texts(conversation_page(article.pk, sort=sort)) == as_it_is
    assert len(as_it_is) == 9


def test_below_the_fourth_level_replies_stand_by_time_and_name_whom_they_answer(article):
    parents = [make_comment(article, text="1")]
    for level in (2, 3, 4, 5):
        parents.append(make_comment(article, text=str(level), parent=parents[-1]))
    make_comment(article, text="another 4", parent=parents[2])
    make_comment(article, name="Zoe", text="6", parent=parents[4])
    thread = thread_page(parents[0])
    assert [reply.text for reply in thread.replies] == ["2", "3", "4", "5", "another 4", "6"]
    assert thread.html.decode().count('class="comment level-4"') == 4
    assert f'href="/comments/{parents[4].pk}/"' in thread.html.decode().partition("Zoe")[2]


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN])
def test_only_approved_comments_are_seen(article, status):
    opening = make_comment(article, text="seen")
    make_comment(article, status=status)
    make_comment(article, status=status, parent=opening)
    assert texts(conversation_page(article.pk)) == ["seen"]


def test_an_author_sees_what_waits_and_nobody_else_does(article):
    make_comment(article, text="waiting", status=Status.PENDING, device="mine")
    assert texts(conversation_page(article.pk, own_device="mine")) == ["waiting"]
    assert "Awaiting approval. Only you can see this comment." in html(conversation_page(article.pk, own_device="mine"))
    assert texts(conversation_page(article.pk, own_device="another")) == []


def test_a_spammer_sees_what_a_held_reader_sees(article):
    make_comment(article, status=Status.SPAM, device="mine")
    assert "Awaiting approval." in html(conversation_page(article.pk, own_device="mine"))


def test_an_author_sees_a_waiting_reply_under_its_parent_and_nobody_else_does(article):
    parent = make_comment(article, text="parent")
    make_comment(article, text="waiting", parent=parent, status=Status.PENDING, device="mine")
    assert texts(conversation_page(article.pk, own_device="mine")) == ["parent", "waiting"]
    assert texts(conversation_page(article.pk, own_device="another")) == ["parent"]
    assert texts(conversation_page(article.pk)) == ["parent"]


def test_an_author_sees_their_own_reply_wherever_it_stands(article):
    busy = make_comment(article, text="busy")
    for _ in range(INITIAL_REPLIES + 3):
        make_comment(article, parent=busy)
    make_comment(article, text="mine at the end", parent=busy, device="mine")
    for _ in range(THREADS_PER_PAGE):
        make_comment(article)
    assert "mine at the end" not in texts(conversation_page(article.pk))
    own = conversation_page(article.pk, own_device="mine")
    assert texts(own)[-2:] == ["busy", "mine at the end"]
    assert own.threads[-1].more == INITIAL_REPLIES + 3


def test_what_is_gone_keeps_its_place_while_somebody_seen_replied_to_it(article, moderator):
    opening = make_comment(article, name="Bob", text="opening")
    reply = make_comment(article, parent=opening, text="reply")
    answer = make_comment(article, parent=reply, text="answer")
    decide(reload(opening), Status.REJECTED, actor=moderator)
    decide(reload(reply), Status.WITHDRAWN, actor=None)
    page = html(conversation_page(article.pk))
    assert "answer" in page
    assert page.count("This comment has been removed.") == 2
    assert "opening" not in page
    assert "Bob" not in page
    decide(reload(answer), Status.REJECTED, actor=moderator)
    assert texts(conversation_page(article.pk)) == []
    decide(reload(answer), Status.APPROVED, actor=moderator)
    assert len(texts(conversation_page(article.pk))) == 3


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


def test_the_name_of_a_parent_that_is_hidden_later_is_not_kept_in_its_replies(article, moderator):
    parent = make_comment(article, name="Rude Name")
    make_comment(article, parent=parent, text="reply")
    assert "in reply to" in html(conversation_page(article.pk))
    decide(reload(parent), Status.REJECTED, actor=moderator)
    assert "Rude Name" not in html(conversation_page(article.pk))


@pytest.mark.parametrize("sort", Sort)
def test_page_after_page_shows_every_thread_once(article, sort):
    start = timezone.now() - timedelta(days=1)
    for number in range(2 * THREADS_PER_PAGE + 5):
        at = start + timedelta(minutes=number // 3)
        make_comment(article, text=str(number), created_at=at, picked_at=at)
    seen, after = [], None
    while True:
        page = conversation_page(article.pk, sort=sort, after=after)
        seen += texts(page)
        if page.next is None:
            break
        after = parse_cursor(str(page.next), sort)
    expected = [str(number) for number in range(2 * THREADS_PER_PAGE + 5)]
    assert seen == (expected if sort == Sort.OLDEST else expected[::-1])


def test_a_long_thread_is_shown_reply_by_reply_page_by_page(article):
    opening = make_comment(article)
    replies = [make_comment(article, parent=opening) for _ in range(REPLIES_PER_PAGE + 20)]
    (thread,) = conversation_page(article.pk).threads
    assert len(thread.replies) == INITIAL_REPLIES
    assert thread.more == len(replies) - INITIAL_REPLIES
    shown, after, more = thread.replies, thread.after, thread.more
    while more:
        thread = thread_page(opening, after=after)
        shown, after, more = shown + thread.replies, thread.after, thread.more
    assert [row.pk for row in shown] == [reply.pk for reply in replies]


def test_a_comment_is_found_on_its_page(article):
    openings = [make_comment(article) for _ in range(THREADS_PER_PAGE * 2 + 1)]
    deep = [make_comment(article, parent=openings[3]) for _ in range(INITIAL_REPLIES + 3)]
    for comment in openings + deep:
        query = find_page(comment)
        if "thread" in query:
            thread = thread_page(Comment.objects.get(pk=query["thread"]), after=query["after"])
            assert comment.pk in {row.pk for row in thread.replies}
        else:
            after = PageCursor.parse(query["after"]) if query else None
            assert comment.text in texts(conversation_page(article.pk, after=after))


@pytest.mark.parametrize("raw", ["", "-", "1", "a-b", "1-", "-1", "1-2-3", "²-1", "9" * 40 + "-1", "1 OR 1-1"])
def test_what_is_no_cursor_is_refused(raw):
    with pytest.raises(ValueError, match=r".*"):
        PageCursor.parse(raw)


@pytest.mark.parametrize("raw", ["0-0", "99999999999999999999999999999-1", "1-99999999999999999999"])
def test_a_cursor_far_outside_is_an_empty_page_or_a_full_one(article, raw):
    make_comment(article)
    for sort in Sort:
        assert len(conversation_page(article.pk, sort=sort, after=parse_cursor(raw, sort)).threads) in {0, 1}


def test_one_query_or_two_however_many_comments(article):
    for size in (2, 12):
        for _ in range(size):
            make_comment(article, parent=make_comment(article))
        with CaptureQueriesContext(connection) as queries:
            conversation_page(article.pk)
        assert len(queries) == (1 if connection.vendor == "postgresql" else 2)


def test_a_chain_of_a_thousand_replies_is_no_problem(article, moderator):
    chain = [make_comment(article)]
    pk = chain[0].pk
    for number in range(1, 1001):
        link = Comment(pk=pk + number, article=article, name="Ada", text=f"link {number}", status=Status.APPROVED)
        link.set_parent(chain[-1])
        link.is_visible, link.visible_reply_count = True, int(number < 1000)
        chain.append(link)
    Comment.objects.bulk_create(chain[1:])
    Comment.objects.filter(pk=pk).update(approved_reply_count=1000, visible_reply_count=1)
    (thread,) = conversation_page(article.pk).threads
    assert thread.more == 995
    for comment in chain[:-1][::-97]:
        decide(reload(comment), Status.REJECTED, actor=moderator)
    decide(reload(chain[-1]), Status.REJECTED, actor=moderator)
    assert thread_page(chain[0]).html.decode().count('class="comment level-4') == REPLIES_PER_PAGE - 2
