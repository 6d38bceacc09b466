from django.utils import timezone
import pytest

from comments.classifier.scores import Kind
from comments.models import Comment, Decision, Learning, Lesson
from comments.scoring import retrain as learning
from comments.scoring.predict import score
from comments.scoring.retrain import KEPT, learn_from_decisions, score_what_waits
from comments.scoring.schedule import begin
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.learning.conftest import keep_lessons
from tests.synthetic import SHARES, Decided, Writer


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(learning, "FEWEST", 12)
    monkeypatch.setattr(learning, "FEWEST_HELD_OUT", 3)
    writer = Writer(seed=3)
    return [Decided(writer.text(status), status) for _ in range(20) for status in SHARES]


def newest(kind):
    return Lesson.objects.of(kind).first()


def test_both_kinds_are_learnt_from_what_was_decided(decided, few):
    decided(few)
    learn_from_decisions()
    for kind in Kind:
        lesson = newest(kind)
        assert (lesson.approved, lesson.put_away) == (20, 20)
        assert (lesson.held_out_approved, lesson.held_out_put_away) == (4, 4)
        assert lesson.parameters() is not None
        assert [row.percent for row in lesson.rows()] == [50, 60, 70, 80, 90, 95, 99]
        assert all(row.right + row.missed == 4 for row in lesson.rows())
        assert 0 <= lesson.area <= 1
    assert score("Cheap casino bonus: jackpot, pills").spam > 0.5


def test_the_figures_are_of_the_newest_decisions_which_taught_nothing_for_them(decided, few, monkeypatch):
    learnt_from = []

    def learn(rows, are_bad):
        learnt_from.append(len(are_bad))
        return original(rows, are_bad)

    original = learning.learn
    monkeypatch.setattr(learning, "learn", learn)
    writer, (one, other) = Writer(seed=4), (Status.SPAM, Status.APPROVED)
    tomorrow = [Decided(writer.text(text), status) for text, status in [(one, other), (other, one)] * 10]
    decided([*few, *tomorrow])  # everything is the other way round: no score can have known
    learn_from_decisions()
    spam = newest(Kind.SPAM)
    assert learnt_from[:2] == [48, 60]
    assert spam.area < 0.5


def test_too_few_decisions_are_said_and_give_no_score(decided, few):
    decided([each for each in few if each.status != Status.SPAM])
    learn_from_decisions()
    spam = newest(Kind.SPAM)
    assert (spam.put_away, spam.has_learnt, spam.figures, spam.parameters()) == (0, False, [], None)
    assert newest(Kind.REJECTED).has_learnt
    assert score("Anything").spam is None


def test_of_too_few_held_out_there_are_no_figures(decided, few):
    decided(sorted(few, key=lambda each: each.status, reverse=True))  # lately everything was approved
    learn_from_decisions()
    assert newest(Kind.SPAM).has_learnt
    assert (newest(Kind.SPAM).figures, newest(Kind.SPAM).held_out_put_away) == ([], 0)


def test_a_few_versions_are_kept(decided, learnt):
    for _ in range(KEPT + 2):
        keep_lessons(learnt)
    learn_from_decisions()
    assert {kind: Lesson.objects.of(kind).count() for kind in Kind} == {Kind.SPAM: KEPT, Kind.REJECTED: KEPT}
    assert not newest(Kind.SPAM).has_learnt


def test_when_it_is_done_others_may_and_what_was_looked_at_is_not_new_any_more(decided, few):
    decided(few)
    assert begin()
    assert not begin()
    learn_from_decisions()
    done = Learning.current()
    assert (done.leased_until, done.newest_decision) == (None, Decision.objects.latest("pk").pk)
    assert begin()


def test_what_waits_is_scored_anew_and_nothing_else_of_it_moves(lessons):
    article = make_article()
    waiting = make_comment(article, status=Status.HELD, text="Cheap casino bonus")
    others = [make_comment(article, status=status) for status in (Status.APPROVED, Status.SPAM)]
    assert score_what_waits() == 1
    after = Comment.objects.get(pk=waiting.pk)
    scores = score(waiting.text)
    assert (after.spam_score, after.rejected_score, after.suspicion) == (scores.spam, scores.rejected, scores.suspicion)
    assert (after.version, after.status) == (waiting.version, Status.HELD)
    assert set(Comment.objects.filter(pk__in=[each.pk for each in others]).values_list("spam_score", flat=True)) == {
        None
    }
    assert score_what_waits() == 0


def test_scores_that_no_lesson_gives_any_more_are_taken_back(lessons):
    waiting = make_comment(make_article(), status=Status.HELD)
    score_what_waits()
    Lesson.objects.all().delete()
    assert score_what_waits() == 1
    after = Comment.objects.get(pk=waiting.pk)
    assert (after.spam_score, after.suspicion) == (None, 0.5)


def test_a_lesson_is_named_by_its_kind_and_its_time(lessons):
    assert str(lessons[0]) == f"Spam, {timezone.now():%Y-%m-%d %H:%M}"
