from datetime import UTC, datetime, timedelta

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
import pytest

from comments.identity import device_created_at
from comments.imports import importer, thread_order
from comments.imports.ids import MAX_ID, advance_sequence
from comments.imports.importer import CHANGED_ON_BOTH_SIDES, DUPLICATE_ID, CommentImporter
from comments.imports.records import ImportedCommentData, device_of_email
from comments.models import (
    AkismetRequest,
    Cluster,
    Comment,
    Conversation,
    Decision,
    ImportedComment,
    Notification,
    Shingle,
)
from comments.moderation.decide import decide
from comments.statuses import Cause, Status
from comments.submission.collect_facts import hash_text
from comments.text import confusables
from comments.threads.pages import conversation_page
from tests.comments.test_invariants import check
from tests.conftest import make_article, make_comment

AT = datetime(2012, 1, 4, 10, tzinfo=UTC)


def incoming(key, article, *, parent="", **fields):
    number = int(key) if key.isdecimal() else 0
    defaults = {"name": "Anna", "text": f"Text {key}", "status": Status.APPROVED, "at": AT + timedelta(minutes=number)}
    return ImportedCommentData(key=key, article=article.pk, parent=parent, **{**defaults, **fields})


def take(*comments, source="old.example"):
    """Import the comments; return the importer and its messages."""
    told = []
    way_in = CommentImporter(source, lambda each, what: told.append((each.key, what)))
    for each in comments:
        way_in.add(each)
    way_in.finish()
    return way_in, told


def by_key():
    return {each.key: each.comment for each in ImportedComment.objects.select_related("comment")}


def test_a_comment_is_as_if_it_had_been_written_here(article):
    take(incoming("7", article, preferred_id=7007, device=device_of_email("Anna@Example.org"), network="n"))
    comment = Comment.objects.get()
    assert (comment.pk, comment.name, comment.text, comment.status) == (7007, "Anna", "Text 7", Status.APPROVED)
    assert comment.created_at == comment.decided_at == comment.reviewed_at == AT + timedelta(minutes=7)
    assert (comment.text_hash, comment.name_key) == (hash_text("Text 7"), confusables.confusable_key("Anna"))
    assert comment.device == device_of_email("anna@example.org")
    assert device_created_at(comment.device) is None
    decision = comment.decisions.get()
    assert (decision.from_status, decision.to_status, decision.cause, decision.actor) == (
        None,
        Status.APPROVED,
        Cause.IMPORTED,
        None,
    )
    assert decision.at == comment.created_at
    assert decision.actor_name() == "the import"


def test_nothing_follows_from_what_was_said_elsewhere(article, akismet):
    same = "people say the same about the mayor and his harbour"
    take(*(incoming(str(n), article, text=f"{same} {n}", status=Status.PENDING) for n in range(1, 6)))
    for model in (Notification, Cluster, Shingle, AkismetRequest):
        assert not model.objects.exists()


def test_children_may_come_before_their_parents(article):
    take(incoming("3", article, parent="2"), incoming("2", article, parent="1"), incoming("1", article))
    comments = by_key()
    assert comments["3"].parent == comments["2"]
    assert [comments[key].thread for key in "123"] == [None, comments["1"], comments["1"]]
    assert [comments[key].level for key in "123"] == [1, 2, 3]
    (thread,) = conversation_page(article.pk).threads
    assert [each.text for each in (thread.opening, *thread.replies)] == ["Text 1", "Text 2", "Text 3"]


def test_children_wait_for_parents_that_come_much_later(article, monkeypatch):
    monkeypatch.setattr(importer, "BATCH_SIZE", 3)
    replies = [incoming(str(n), article, parent="99") for n in range(1, 8)]
    _, told = take(*replies, incoming("99", article), *(incoming(str(n), article, parent="3") for n in (100, 101)))
    assert not told
    assert Comment.objects.filter(thread=by_key()["99"]).count() == 9
    check(article)


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ({"1": "1"}, {"1": thread_order.PARENT_IS_ITSELF}),
        ({"1": "5"}, {"1": thread_order.PARENT_MISSING}),
        ({"1": "2", "2": "1"}, {"1": thread_order.REPLY_CYCLE}),
        ({"1": "2", "2": "3", "3": "1", "4": "2"}, {"1": thread_order.REPLY_CYCLE}),
    ],
)
def test_who_replies_to_nothing_that_can_be_opens_a_thread(article, links, told):
    _, said = take(*(incoming(key, article, parent=parent) for key, parent in links.items()))
    assert dict(said) == told
    comments = by_key()
    assert [key for key in comments if comments[key].parent is None] == list(told)
    check(article)


def test_a_parent_under_another_article_is_none(article):
    other = make_article()
    _, told = take(incoming("1", other), incoming("2", article, parent="1"))
    assert told == [("2", thread_order.PARENT_UNDER_OTHER_ARTICLE)]
    assert by_key()["2"].parent is None


def test_an_id_that_is_there_twice_is_taken_once(article):
    other = make_article()
    way_in, told = take(incoming("1", article), incoming("1", other))
    assert (told, way_in.counts["new"]) == ([("1", DUPLICATE_ID)], 1)
    assert take(incoming("1", article), incoming("1", other))[1] == [("1", DUPLICATE_ID)]
    assert by_key()["1"].article == article


def test_two_people_of_the_same_name_in_the_same_second_are_two(article):
    take(incoming("1", article, at=AT), incoming("2", make_article(), at=AT), incoming("3", article, at=AT))
    assert Comment.objects.count() == 3


def test_ids_are_kept_where_they_are_free_and_told_where_not(article):
    here = make_comment(article)
    way_in, _ = take(
        incoming("1", article, preferred_id=here.pk),
        incoming("2", article, preferred_id=here.pk + 500),
        incoming("3", article, preferred_id=MAX_ID + 1),
    )
    comments = by_key()
    assert comments["2"].pk == here.pk + 500
    assert [(each.key, pk) for each, pk in way_in.reassigned_ids] == [("1", comments["1"].pk), ("3", comments["3"].pk)]
    assert len({here.pk, *(comment.pk for comment in comments.values())}) == 4


def test_comments_that_are_written_meanwhile_take_no_id_that_is_still_wanted(article):
    first = make_comment(article).pk
    advance_sequence(first + 100)
    assert make_comment(article).pk > first + 100
    advance_sequence(first + 10)
    assert make_comment(article).pk > first + 100


def test_a_second_time_nothing_is_doubled(article):
    comments = [
        incoming("1", article),
        incoming("2", article, parent="1"),
        incoming("3", article, status=Status.PENDING),
    ]
    take(*comments)
    way_in, told = take(*comments)
    assert (way_in.counts, told) == ({"unchanged": 3}, [])
    assert Comment.objects.count() == Decision.objects.count() == 3
    check(article)


def test_what_has_been_added_since_finds_its_place(article):
    take(incoming("1", article), incoming("2", article, parent="1", status=Status.REJECTED))
    take(incoming("1", article), incoming("3", article, parent="2"), incoming("4", article, parent="3"))
    comments = by_key()
    assert [comments[key].is_visible for key in "1234"] == [True] * 4
    assert comments["1"].approved_reply_count == 2
    check(article)


def test_what_changed_there_is_brought_up_to_date(article):
    take(incoming("1", article, status=Status.PENDING), incoming("2", article))
    way_in, told = take(incoming("1", article), incoming("2", article, text="Better.", status=Status.REJECTED))
    assert (way_in.counts, told) == ({"changed": 2}, [])
    comments = by_key()
    assert [(comments[key].status, comments[key].text) for key in "12"] == [
        (Status.APPROVED, "Text 1"),
        (Status.REJECTED, "Better."),
    ]
    assert [decision.cause for decision in comments["1"].decisions.all()] == [Cause.IMPORTED] * 2
    assert take(incoming("1", article), incoming("2", article, text="Better.", status=Status.REJECTED))[0].counts == {
        "unchanged": 2
    }


def test_what_a_moderator_decided_since_is_kept(article, moderator):
    take(incoming("1", article))
    decide(Comment.objects.get(), Status.REJECTED, actor=moderator)
    assert take(incoming("1", article))[0].counts == {"unchanged": 1}
    way_in, told = take(incoming("1", article, text="Worse."))
    assert (way_in.counts, told) == ({"kept": 1}, [("1", CHANGED_ON_BOTH_SIDES)])
    assert (Comment.objects.get().text, Comment.objects.get().status) == ("Text 1", Status.REJECTED)


def test_two_sources_may_have_the_same_ids(article):
    take(incoming("1", article))
    take(incoming("1", article), source="other.example")
    assert Comment.objects.count() == 2


def test_times_before_1970_and_after_2099_keep_their_order(article):
    take(
        incoming("1", article, at=datetime(1900, 1, 1, tzinfo=UTC)),
        incoming("2", article, parent="1", at=datetime(1901, 1, 1, tzinfo=UTC)),
        incoming("3", article, parent="1", at=datetime(2099, 1, 1, tzinfo=UTC)),
        incoming("4", article, parent="1", at=AT),
    )
    (thread,) = conversation_page(article.pk).threads
    assert [reply.text for reply in thread.replies] == ["Text 2", "Text 4", "Text 3"]


def test_a_thousand_levels_are_no_matter(article):
    take(*(incoming(str(n), article, parent=str(n - 1) if n > 1 else "") for n in range(1, 1001)))
    assert Comment.objects.get(level=1).approved_reply_count == 999


def test_many_take_few_queries(article, django_assert_max_num_queries):
    comments = [incoming(str(n), article, parent=str(n - 1) if n % 3 else "") for n in range(1, 301)]
    with django_assert_max_num_queries(40 if connection.vendor == "postgresql" else 60):
        take(*comments)


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=st.lists(st.tuples(st.integers(0, 14), st.sampled_from(Status)), max_size=12),
    cut=st.integers(0, 12),
    at_once=st.integers(1, 5),
)
def test_counts_are_right_whatever_comes_in_whatever_parts(monkeypatch, tree, cut, at_once):
    monkeypatch.setattr(importer, "BATCH_SIZE", at_once)
    article = make_article()
    comments = [
        incoming(str(n), article, parent=str(parent) if parent else "", status=status)
        for n, (parent, status) in enumerate(tree, start=1)
    ]
    source = str(article.pk)
    take(*comments[:cut], source=source)
    take(*comments, source=source)
    assert Comment.objects.filter(article=article).count() == len(tree)
    Conversation.objects.get_or_create(article=article)
    check(article)
