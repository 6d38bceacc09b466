from django.core.exceptions import ValidationError
from django.test import Client
import pytest

from comments.classifier.scores import to_percent
from comments.models import Comment, SitePolicy
from comments.rules.facts import Facts
from comments.rules.score_rules import looks_like_rejected, looks_like_spam
from comments.scoring.predict import score_text
from comments.statuses import Status
from tests.conftest import send, trusted_client
from tests.support.synthetic_comments import INSULTS

CASINO = "Cheap casino bonus, pills, loan, jackpot"
RUDE = f"You {' '.join(INSULTS)}"
pytestmark = pytest.mark.django_db


def set_thresholds(**limits):
    SitePolicy.objects.update_or_create(pk=1, defaults=limits)


def sent(client, article, text):
    send(client, article, comment=text)
    comment = Comment.objects.latest("pk")
    findings = comment.decisions.get().findings
    return Status(comment.status), [each for each in findings if "looks_like" in each["rule"]]


def test_without_a_threshold_a_score_decides_nothing(scoring_models, article):
    client = trusted_client(article)
    assert sent(client, article, CASINO) == (Status.APPROVED, [])
    assert sent(client, article, RUDE) == (Status.APPROVED, [])


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"spam_held_from": 80}, Status.PENDING),
        ({"spam_from": 80}, Status.SPAM),
        ({"spam_held_from": 60, "spam_from": 80}, Status.SPAM),
        ({"spam_held_from": 60, "spam_from": 100}, Status.PENDING),
        ({"rejected_held_from": 99}, Status.APPROVED),
    ],
)
def test_spam_over_a_threshold_is_held_or_put_away(scoring_models, article, limits, status):
    set_thresholds(**limits)
    assert sent(trusted_client(article), article, CASINO)[0] == status


def test_the_finding_says_the_score_the_limit_and_the_words(scoring_models, article):
    set_thresholds(rejected_held_from=70)
    status, (finding,) = sent(trusted_client(article), article, RUDE)
    assert status == Status.PENDING
    assert finding["rule"] == "comments.rules.score_rules.looks_like_rejected"
    assert finding["entry"] == "threshold:rejected"
    assert finding["outcome"] == "hold"
    number = to_percent(score_text(RUDE).rejected)
    assert finding["detail"] == f"Looks like rejected comments: {number}% (threshold 70%)"
    assert any("idiot" in phrase for phrase in finding["matched"])


def test_a_score_just_under_the_limit_does_not_reach_it(scoring_models, article, monkeypatch):
    number = to_percent(score_text(CASINO).spam)
    set_thresholds(spam_held_from=number + 1)
    assert sent(trusted_client(article), article, CASINO)[0] == Status.APPROVED
    set_thresholds(spam_held_from=number)
    assert sent(trusted_client(article), article, f"{CASINO}")[0] == Status.PENDING


def test_without_lessons_thresholds_do_nothing(article):
    set_thresholds(spam_held_from=1, spam_from=2, rejected_held_from=1)
    assert sent(trusted_client(article), article, CASINO) == (Status.APPROVED, [])


def test_the_rules_are_silent_about_facts_without_scores():
    assert looks_like_spam(Facts()) == looks_like_rejected(Facts()) == []


def test_thresholds_that_contradict_each_other_are_not_taken():
    SitePolicy(pk=1, spam_held_from=80, spam_from=90).full_clean()
    for limits in ({"spam_held_from": 90, "spam_from": 90}, {"spam_from": 0}, {"spam_held_from": 101}):
        with pytest.raises(ValidationError):
            SitePolicy(pk=1, **limits).full_clean()


def test_a_page_of_the_site_is_not_the_place_where_a_spammer_learns_of_it(scoring_models, article):
    set_thresholds(spam_from=50)
    response = send(Client(), article, comment=CASINO)
    assert "Looks like spam" not in Client().get(response["Location"]).text
