import logging

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
import pytest

from comments.classifier.features import FEATURE_FORMAT, text_buckets
from comments.classifier.scores import NO_SCORES, UNKNOWN_SUSPICION, ScoreKind, Scores
from comments.models import Comment, ScoringModel
from comments.scoring.predict import explain_score, score_text, score_texts
from comments.statuses import Status
from tests.conftest import client_of, make_comment, make_user, send
from tests.scoring.conftest import store_scoring_models
from tests.support.synthetic_comments import INSULTS, SPAM, CommentGenerator

CASINO = "Cheap casino bonus: https://win.example/7 pills loan jackpot"
pytestmark = pytest.mark.django_db


def test_both_scores_are_those_of_the_newest_lessons(scoring_models, model_parameters):
    buckets = text_buckets(CASINO)
    assert score_text(CASINO) == Scores(
        model_parameters[ScoreKind.SPAM].score(buckets), model_parameters[ScoreKind.REJECTED].score(buckets)
    )


def test_many_texts_are_scored_as_one_is_with_one_question_to_the_database(scoring_models):
    score_text("reads the lessons")
    texts = ["a", "b", CASINO]
    with CaptureQueriesContext(connection) as queries:
        scores = list(score_texts(texts))
    assert len(queries) == 1
    assert scores == [score_text(text) for text in texts]


def test_what_is_learnt_is_used_at_once_and_what_is_deleted_no_more(model_parameters):
    assert score_text(CASINO) == NO_SCORES
    store_scoring_models({ScoreKind.SPAM: model_parameters[ScoreKind.SPAM]})
    assert score_text(CASINO).spam > 0.9
    assert score_text(CASINO).rejected is None
    store_scoring_models({ScoreKind.SPAM: model_parameters[ScoreKind.REJECTED]})
    assert score_text(CASINO).spam == model_parameters[ScoreKind.REJECTED].score(text_buckets(CASINO))
    ScoringModel.objects.latest("pk").delete()
    assert score_text(CASINO).spam == model_parameters[ScoreKind.SPAM].score(text_buckets(CASINO))


def test_one_lesson_that_is_broken_or_of_other_code_takes_nothing_from_the_other(scoring_models, caplog):
    for change in ({"weights": b"\x80\x04pickle"}, {"checksum": "0" * 64}, {"format": FEATURE_FORMAT + 1}):
        spam, _rejected = store_scoring_models(
            {kind: lesson.parameters() for kind, lesson in zip(ScoreKind, scoring_models, strict=True)}
        )
        ScoringModel.objects.filter(pk=spam.pk).update(**change)
        assert score_text(CASINO).spam is None
        assert score_text(CASINO).rejected is not None
    assert caplog.text.count("gives no scores") == 3


def test_too_few_decisions_give_no_score(model_parameters):
    ScoringModel.objects.create(kind=ScoreKind.SPAM, negative_count=3, positive_count=1)
    assert score_text(CASINO) == NO_SCORES


@pytest.mark.parametrize(
    "broken", ["comments.scoring.predict.text_buckets", "comments.scoring.predict._NEWEST_MODELS_QUERY.rows"]
)
def test_whatever_breaks_the_comment_is_taken_without_a_score(scoring_models, article, monkeypatch, caplog, broken):
    def breaks(*_args):
        raise ObjectDoesNotExist("broken")

    monkeypatch.setattr(broken, breaks)
    assert send(Client(), article, comment=CASINO).status_code == 303
    comment = Comment.objects.get()
    assert (comment.text, comment.spam_score, comment.rejected_score, comment.suspicion) == (CASINO, None, None, 0.5)
    assert "ObjectDoesNotExist: broken" in caplog.text


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_table_of_lessons_comments_are_taken_too(article, caplog):
    """Deployed code runs before its migration."""
    with connection.schema_editor() as editor:
        editor.alter_db_table(ScoringModel, "comments_scoringmodel", "elsewhere")
    try:
        with caplog.at_level(logging.ERROR):
            assert send(Client(), article).status_code == 303
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(ScoringModel, "elsewhere", "comments_scoringmodel")
    assert Comment.objects.count() == 1
    assert "the scoring models cannot be read" in caplog.text


def test_a_comment_keeps_the_scores_it_came_with(scoring_models, article):
    send(Client(), article, comment=CASINO)
    comment, scores = Comment.objects.get(), score_text(CASINO)
    assert (comment.spam_score, comment.rejected_score) == (scores.spam, scores.rejected)
    assert comment.suspicion == scores.suspicion > 0.9


def test_new_words_have_new_scores(scoring_models, article):
    comment = make_comment(article, device="adas", text=CASINO, suspicion=0.9, spam_score=0.9)
    client_of("adas").post(
        f"/comments/{comment.pk}/edit/", {"comment": "I was there."}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    comment.refresh_from_db()
    assert comment.text == "I was there."
    assert comment.spam_score == score_text("I was there.").spam


def test_staff_are_not_scored(scoring_models, article):
    client = Client()
    client.force_login(make_user("reporter", "Reporters"))
    send(client, article, comment=CASINO)
    assert Comment.objects.get().spam_score is None


def test_suspicion_is_of_both_against_approval():
    assert NO_SCORES.suspicion == UNKNOWN_SUSPICION
    assert Scores(spam=0.8).suspicion == pytest.approx(0.8)
    assert Scores(spam=0.5, rejected=0.5).suspicion == pytest.approx(2 / 3)
    assert Scores(spam=0.1, rejected=0.9).suspicion > 0.9
    assert Scores(spam=1.0, rejected=1.0).suspicion <= 1


def test_the_phrases_that_moved_a_score_are_the_readers_own_words(scoring_models):
    text = f"{CommentGenerator().text(Status.APPROVED, length=30)} You IDIOT, you LIAR! {SPAM[0]}"
    raised = explain_score(text, ScoreKind.REJECTED).increasing
    assert any("IDIOT" in phrase for phrase in raised)
    assert any("LIAR" in phrase for phrase in raised)
    assert all(phrase in text for phrase in raised)
    assert not any(word in phrase for phrase in explain_score(text, ScoreKind.SPAM).increasing for word in INSULTS)
    assert SPAM[0] in " ".join(explain_score(text, ScoreKind.SPAM).increasing)


def test_without_a_lesson_nothing_is_told_of_phrases():
    assert explain_score(CASINO, ScoreKind.SPAM).increasing == []
