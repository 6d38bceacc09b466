from django.utils import timezone
import pytest

from comments.classifier.scores import ScoreKind
from comments.models import Comment, Decision, ScoringModel, TrainingState
from comments.scoring import retrain as learning
from comments.scoring.predict import score_text
from comments.scoring.retrain import MODELS_KEPT, rescore_pending, retrain
from comments.scoring.schedule import acquire_lease
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.scoring.conftest import store_scoring_models
from tests.support.synthetic_comments import SHARES, CommentGenerator, LabelledComment


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(learning, "MIN_DECISIONS_PER_CLASS", 12)
    monkeypatch.setattr(learning, "MIN_HELD_OUT_PER_CLASS", 3)
    writer = CommentGenerator(seed=3)
    return [LabelledComment(writer.text(status), status) for _ in range(20) for status in SHARES]


def newest(kind):
    return ScoringModel.objects.of(kind).first()


def test_both_kinds_are_learnt_from_what_was_decided(store_labelled, few):
    store_labelled(few)
    retrain()
    for kind in ScoreKind:
        lesson = newest(kind)
        assert (lesson.negative_count, lesson.positive_count) == (20, 20)
        assert (lesson.held_out_negative_count, lesson.held_out_positive_count) == (4, 4)
        assert lesson.parameters() is not None
        assert [row.percent for row in lesson.rows()] == [50, 60, 70, 80, 90, 95, 99]
        assert all(row.true_positives + row.false_negatives == 4 for row in lesson.rows())
        assert 0 <= lesson.roc_auc <= 1
    assert score_text("Cheap casino bonus: jackpot, pills").spam > 0.5


def test_the_figures_are_of_the_newest_decisions_which_taught_nothing_for_them(store_labelled, few, monkeypatch):
    learnt_from = []

    def learn(rows, are_bad):
        learnt_from.append(len(are_bad))
        return original(rows, are_bad)

    original = learning.train_model
    monkeypatch.setattr(learning, "train_model", learn)
    writer, (one, other) = CommentGenerator(seed=4), (Status.SPAM, Status.APPROVED)
    tomorrow = [LabelledComment(writer.text(text), status) for text, status in [(one, other), (other, one)] * 10]
    store_labelled([*few, *tomorrow])  # all decisions are inverted, so that every score is wrong
    retrain()
    spam = newest(ScoreKind.SPAM)
    assert learnt_from[:2] == [48, 60]
    assert spam.roc_auc < 0.5


def test_too_few_decisions_are_said_and_give_no_score(store_labelled, few):
    store_labelled([each for each in few if each.status != Status.SPAM])
    retrain()
    spam = newest(ScoreKind.SPAM)
    assert (spam.positive_count, spam.is_trained, spam.evaluation, spam.parameters()) == (0, False, [], None)
    assert newest(ScoreKind.REJECTED).is_trained
    assert score_text("Anything").spam is None


def test_of_too_few_held_out_there_are_no_figures(store_labelled, few):
    store_labelled(sorted(few, key=lambda each: each.status, reverse=True))  # lately everything was approved
    retrain()
    assert newest(ScoreKind.SPAM).is_trained
    assert (newest(ScoreKind.SPAM).evaluation, newest(ScoreKind.SPAM).held_out_positive_count) == ([], 0)


def test_a_few_versions_are_kept(store_labelled, model_parameters):
    for _ in range(MODELS_KEPT + 2):
        store_scoring_models(model_parameters)
    retrain()
    assert {kind: ScoringModel.objects.of(kind).count() for kind in ScoreKind} == {
        ScoreKind.SPAM: MODELS_KEPT,
        ScoreKind.REJECTED: MODELS_KEPT,
    }
    assert not newest(ScoreKind.SPAM).is_trained


def test_when_it_is_done_others_may_and_what_was_looked_at_is_not_new_any_more(store_labelled, few):
    store_labelled(few)
    assert acquire_lease()
    assert not acquire_lease()
    retrain()
    done = TrainingState.current()
    assert (done.lease_expires_at, done.last_decision_id) == (None, Decision.objects.latest("pk").pk)
    assert acquire_lease()


def test_what_waits_is_scored_anew_and_nothing_else_of_it_moves(scoring_models):
    article = make_article()
    waiting = make_comment(article, status=Status.PENDING, text="Cheap casino bonus")
    others = [make_comment(article, status=status) for status in (Status.APPROVED, Status.SPAM)]
    assert rescore_pending() == 1
    after = Comment.objects.get(pk=waiting.pk)
    scores = score_text(waiting.text)
    assert (after.spam_score, after.rejected_score, after.suspicion) == (scores.spam, scores.rejected, scores.suspicion)
    assert (after.version, after.status) == (waiting.version, Status.PENDING)
    assert set(Comment.objects.filter(pk__in=[each.pk for each in others]).values_list("spam_score", flat=True)) == {
        None
    }
    assert rescore_pending() == 0


def test_scores_that_no_lesson_gives_any_more_are_taken_back(scoring_models):
    waiting = make_comment(make_article(), status=Status.PENDING)
    rescore_pending()
    ScoringModel.objects.all().delete()
    assert rescore_pending() == 1
    after = Comment.objects.get(pk=waiting.pk)
    assert (after.spam_score, after.suspicion) == (None, 0.5)


def test_a_lesson_is_named_by_its_kind_and_its_time(scoring_models):
    assert str(scoring_models[0]) == f"Spam, {timezone.now():%Y-%m-%d %H:%M}"
