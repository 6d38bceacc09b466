import pytest

from comments.identity import Reader
from comments.models import Comment, Decision
from comments.moderation.decide import decide
from comments.moderation.picks import pick
from comments.moderation.undo import undo
from comments.readers.edits import edit
from comments.scoring import training_data
from comments.scoring.training_data import count_new_decisions, load_examples, newest_decision_id
from comments.statuses import Cause, Status
from tests.conftest import make_comment


def taught():
    return {(example.text, example.status) for example in load_examples()}


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


@pytest.fixture
def held(article):
    return make_comment(article, status=Status.PENDING, text="Words.")


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED, Status.SPAM])
def test_what_a_person_decided_teaches(held, moderator, status):
    decide(held, status, actor=moderator)
    assert taught() == {("Words.", status)}


def test_what_the_rules_decided_and_nobody_looked_at_teaches_nothing(article, held):
    make_comment(article)
    make_comment(article, status=Status.SPAM)
    assert taught() == set()
    assert newest_decision_id() == 0


def test_the_latest_decision_counts(held, moderator, deputy):
    decide(held, Status.SPAM, actor=moderator)
    decide(held, Status.APPROVED, actor=deputy)
    assert taught() == {("Words.", Status.APPROVED)}


def test_what_was_undone_does_not_count_and_what_was_before_does(held, moderator, deputy):
    decide(held, Status.SPAM, actor=moderator)
    undo(reload(held), actor=moderator)
    assert taught() == set()
    undo(reload(held), actor=moderator)  # it was spam after all
    assert taught() == {("Words.", Status.SPAM)}
    decide(reload(held), Status.APPROVED, actor=deputy)
    undo(reload(held), actor=deputy)
    assert taught() == {("Words.", Status.SPAM)}


def test_a_pick_is_a_look(article, moderator):
    pick(make_comment(article, text="Wise words."), actor=moderator)
    assert taught() == {("Wise words.", Status.APPROVED)}


def test_what_its_author_withdrew_teaches_nothing(held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    decide(held, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert taught() == set()


def test_words_that_were_changed_since_teach_nothing_until_somebody_looks(held, moderator):
    make_comment(held.article)  # the conversation has begun
    decide(held, Status.APPROVED, actor=moderator)
    edit(held, "Other words.", Reader(device=held.device, network="net"))
    assert taught() == set()
    decide(reload(held), Status.APPROVED, actor=moderator)
    assert taught() == {("Other words.", Status.APPROVED)}


def test_what_readers_reported_away_teaches_nothing_until_somebody_looks(held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    decide(held, Status.PENDING, actor=None, cause=Cause.REPORTED)
    assert taught() == set()


def test_the_words_of_staff_teach_nothing(article, moderator, deputy):
    decide(make_comment(article, staff=deputy), Status.APPROVED, actor=moderator)
    assert taught() == set()


def test_what_was_imported_teaches_nothing_though_somebody_elsewhere_looked_at_it(article):
    comment = make_comment(article)
    Comment.objects.filter(pk=comment.pk).update(reviewed_at=comment.created_at)
    assert taught() == set()


def test_a_text_counts_once_as_it_was_decided_last(article, moderator):
    for status, text in [(Status.APPROVED, "Buy now"), (Status.SPAM, "buy  now"), (Status.SPAM, "BUY NOW")]:
        decide(make_comment(article, status=Status.PENDING, text=text), status, actor=moderator)
    assert taught() == {("BUY NOW", Status.SPAM)}


def test_the_newest_are_taken_and_the_oldest_comes_first(article, moderator, monkeypatch):
    monkeypatch.setattr(training_data, "MAX_EXAMPLES", 3)
    monkeypatch.setattr(training_data, "_BATCH_SIZE", 2)
    for number in range(5):
        decide(make_comment(article, status=Status.PENDING, text=f"Number {number}"), Status.APPROVED, actor=moderator)
    assert [example.text for example in load_examples()] == ["Number 2", "Number 3", "Number 4"]


def test_new_decisions_of_people_are_counted_up_to_a_limit(article, moderator):
    comments = [make_comment(article) for _ in range(4)]
    before = newest_decision_id()
    for comment in comments[:3]:
        decide(comment, Status.REJECTED, actor=moderator)
    decide(comments[3], Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert count_new_decisions(after=before, most=100) == 3
    assert count_new_decisions(after=before, most=2) == 2
    assert count_new_decisions(after=Decision.objects.latest("pk").pk, most=2) == 0
