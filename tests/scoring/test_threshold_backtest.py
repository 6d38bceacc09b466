"""Backtest of a threshold before it is set."""

from django.test import Client
from django.utils import timezone
import pytest

from comments.models import BackgroundJob, SitePolicy
from comments.statuses import Status
from tests.comments.test_backtest import begin, caught, finished, page
from tests.conftest import make_comment
from tests.scoring.test_thresholds import CASINO, RUDE

FORM = "/admin/comments/sitepolicy/1/change/"


def form(**limits):
    return {
        "policy": "open",
        "attack_mode": "auto",
        "reserved_names": "",
        "spam_held_from": "",
        "spam_from": "",
        "rejected_held_from": "",
    } | limits


@pytest.fixture
def comments(article):
    make_comment(article, text=CASINO, status=Status.SPAM)
    make_comment(article, text=RUDE, reviewed_at=timezone.now())
    make_comment(article, text="The boat was late again.")


def test_what_each_threshold_would_have_caught_is_counted_and_its_phrases_are_marked(
    scoring_models, editor_client, comments
):
    begin(editor_client, form(spam_held_from="80"), FORM)
    job = finished()
    assert caught(job) == {"spam": 1}
    assert "<mark>" in page(editor_client, job)
    begin(editor_client, form(spam_held_from="80", rejected_held_from="60"), FORM)
    assert caught(finished()) == {"spam": 1, "approved": 1}
    assert "Some of these comments were used to train the scores" in page(
        editor_client, BackgroundJob.objects.latest("pk")
    )
    assert not SitePolicy.objects.exists()


def test_one_comes_back_to_the_settings_with_the_thresholds_filled_in(scoring_models, editor_client, comments):
    SitePolicy.objects.create(pk=1, spam_from=90)
    begin(editor_client, form(spam_held_from="80"), FORM)
    assert f"{FORM}?rejected_held_from=&amp;spam_from=&amp;spam_held_from=80" in page(editor_client, finished())
    html = editor_client.get(FORM, {"rejected_held_from": "", "spam_from": "", "spam_held_from": "80"}).text
    assert 'name="spam_held_from" value="80"' in html
    assert 'value="90"' not in html


def test_without_lessons_nothing_can_be_tried_and_the_form_says_so_at_its_fields(editor_client, comments):
    html = begin(editor_client, form(spam_held_from="1", rejected_held_from="1"), FORM).text
    assert html.count("There are no scores to test yet") == 2
    assert not BackgroundJob.objects.exists()
    assert not SitePolicy.objects.exists()
    assert editor_client.post(FORM, form(spam_held_from="1")).status_code == 302
    assert SitePolicy.objects.get().spam_held_from == 1


def test_limits_that_cannot_be_are_errors_at_their_fields(scoring_models, editor_client, reporter):
    assert (
        "higher than the hold threshold" in begin(editor_client, form(spam_held_from="80", spam_from="70"), FORM).text
    )
    assert "less than or equal to 100" in begin(editor_client, form(spam_held_from="101"), FORM).text
    client = Client()
    client.force_login(reporter)
    assert begin(client, form(spam_held_from="80"), FORM).status_code == 403
    assert not BackgroundJob.objects.exists()
