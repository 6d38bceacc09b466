from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
import pytest

from comments.models import ScoringModel, SitePolicy, TrainingState
from comments.moderation.decide import decide
from comments.scoring.schedule import acquire_lease, is_due, record_failure
from comments.statuses import Status
from tests.conftest import make_comment
from tests.scoring.conftest import store_scoring_models

PAGE = "/admin/comments/scoringmodel/"
FIGURES = [
    {"percent": 90, "true_positives": 31, "false_positives": 2, "false_negatives": 9},
    {"percent": 99, "true_positives": 0, "false_positives": 0, "false_negatives": 40},
]


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def page(editor):
    client = logged_in(editor)
    return lambda: client.get(PAGE).text


def test_before_anything_was_learnt_it_says_so(page):
    assert page().count("No scores yet.") == 2
    assert "after 100 new decisions, at most hourly (0 so far)" in page()


def test_precision_and_recall_are_plain_numbers(page, model_parameters):
    store_scoring_models(
        model_parameters,
        negative_count=812,
        positive_count=97,
        held_out_negative_count=120,
        held_out_positive_count=40,
        evaluation=FIGURES,
    )
    text = page()
    assert "with 812 approved and 97 spam or rejected comments" in text
    assert "120 approved, 40 spam or rejected comments" in text
    row = "".join(f"<td>{cell}</td>" for cell in ("90%", 31, 2, 9, "94%", "78%"))
    assert row in text
    assert "<td>99%</td><td>0</td><td>0</td><td>40</td><td>–</td><td>0%</td>" in text


def test_it_says_when_there_are_too_few(page, model_parameters):
    store_scoring_models(
        {kind: model_parameters[kind] for kind in list(model_parameters)[:1]},
        held_out_negative_count=30,
        held_out_positive_count=3,
    )
    ScoringModel.objects.create(kind="rejected", negative_count=400, positive_count=12)
    text = page()
    assert "30 approved, 3 spam or rejected; 10 of each are needed." in text
    assert "Their accuracy isn’t known yet." in text
    assert "400 approved, 12 spam or rejected. Scores need 50 of each" in text


def test_what_was_learnt_by_other_code_is_told(page, model_parameters):
    store_scoring_models(model_parameters, format=0)
    assert page().count("belong to an earlier version") == 2


def test_thresholds_that_are_set_stand_beside_the_figures(page, scoring_models):
    SitePolicy.objects.create(pk=1, spam_held_from=80, spam_from=95)
    assert "Held from 80%, filed as spam from 95%." in page()


def test_new_decisions_are_counted(page, article, moderator):
    for _ in range(3):
        decide(make_comment(article, status=Status.PENDING), Status.SPAM, actor=moderator)
    assert "(3 so far)" in page()


def test_an_editor_has_it_learn_now(editor, page):
    response = logged_in(editor).post(f"{PAGE}learn/")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert is_due()
    assert LogEntry.objects.get().change_message == "Started retraining."
    assert "Starts within a minute." in page()
    acquire_lease()
    assert "Retraining now." in page()
    record_failure("MemoryError: 40 GB")
    assert "The last attempt failed: MemoryError: 40 GB" in page()


def test_moderators_look_and_others_do_not(moderator, reporter, scoring_models):
    client = logged_in(moderator)
    assert "Retrain now" not in client.get(PAGE).text
    assert "Delete this" not in client.get(PAGE).text
    assert client.post(f"{PAGE}learn/").status_code == 403
    assert client.get(f"{PAGE}{scoring_models[0].pk}/delete/").status_code == 403
    assert logged_in(reporter).get(PAGE).status_code == 403
    assert logged_in(reporter).post(f"{PAGE}learn/").status_code == 403
    assert Client().get(PAGE).status_code == 302
    assert TrainingState.current().requested_at is None


def test_it_is_asked_by_a_button_not_by_a_link(editor):
    assert logged_in(editor).get(f"{PAGE}learn/").status_code == 403


def test_a_lesson_can_be_deleted_and_then_the_one_before_counts(editor, page, model_parameters):
    store_scoring_models(model_parameters, negative_count=111)
    newest, _other = store_scoring_models(model_parameters, negative_count=222)
    assert "with 222 approved" in page()
    client = logged_in(editor)
    assert client.get(f"{PAGE}{newest.pk}/change/").status_code == 200
    assert client.get(f"{PAGE}{newest.pk}/delete/").status_code == 200
    client.post(f"{PAGE}{newest.pk}/delete/", {"post": "yes"})
    assert "with 111 approved" in page()


def test_a_lesson_is_not_written_by_hand(editor, scoring_models):
    client = logged_in(editor)
    assert client.get(f"{PAGE}add/").status_code == 403
    client.post(f"{PAGE}{scoring_models[0].pk}/change/", {"kind": "rejected"})
    assert ScoringModel.objects.get(pk=scoring_models[0].pk).kind == "spam"


def test_earlier_lessons_are_listed(page, model_parameters):
    store_scoring_models(
        model_parameters, negative_count=111, trained_at=timezone.now() - timedelta(days=1), roc_auc=0.9876
    )
    store_scoring_models(model_parameters, negative_count=222)
    assert "111 approved, 100 spam or rejected, ROC-AUC 0.988" in page()


def test_an_editor_sets_thresholds_in_percent(editor):
    client, address = logged_in(editor), "/admin/comments/sitepolicy/1/change/"
    fields = {
        "policy": "open",
        "attack_mode": "auto",
        "reserved_names": "",
        "spam_held_from": "80",
        "spam_from": "",
        "rejected_held_from": "90",
    }
    assert client.post(address, fields).status_code == 302
    policy = SitePolicy.current()
    assert (policy.spam_held_from, policy.spam_from, policy.rejected_held_from) == (80, None, 90)
    response = client.post(address, {**fields, "spam_from": "70"})
    assert "must be higher than the hold threshold" in response.text
