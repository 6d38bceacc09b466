"""Rule hits with Akismet: delaying a comment does not count as deciding it."""

from comments.akismet.requests import retry_request
from comments.akismet.worker import run_due
from comments.models import AkismetRequest, RuleHit
from comments.models.akismet import AKISMET_FIRST_RULE, MAX_ATTEMPTS
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.support.akismet import latest_request, post, post_and_check

ANSWERED = "comments.akismet.worker.akismet_has_answered"
NOT_ASKED = "comments.akismet.worker.akismet_cannot_be_asked"
UNTRUSTED = "comments.rules.builtin.device_is_not_trusted"


def rule_hits_on(comment):
    rows = RuleHit.objects.filter(comment=comment)
    return {row.rule: (row.is_decisive, row.is_overruled) for row in rows}


def give_up_on(comment):
    AkismetRequest.objects.update(attempts=MAX_ATTEMPTS)
    run_due()
    comment.refresh_from_db()


def test_who_approves_what_akismet_let_through_overrules_nobody(article, akismet, moderator, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    comment = post_and_check(article, akismet)
    decide(comment, Status.APPROVED, actor=moderator)
    assert rule_hits_on(comment) == {AKISMET_FIRST_RULE: (False, False), ANSWERED: (False, False)}


def test_who_does_not_wait_for_akismet_overrules_only_what_else_held_it(article, akismet, moderator):
    comment = post(article)
    decide(comment, Status.APPROVED, actor=moderator)
    assert rule_hits_on(comment) == {AKISMET_FIRST_RULE: (False, False), UNTRUSTED: (True, True)}


def test_what_akismet_calls_spam_is_its_decision_alone(article, akismet, moderator):
    comment = post_and_check(article, akismet, "true")
    assert rule_hits_on(comment) == {
        AKISMET_FIRST_RULE: (False, False),
        UNTRUSTED: (False, False),
        ANSWERED: (True, False),
    }
    decide(comment, Status.APPROVED, actor=moderator)
    assert rule_hits_on(comment)[ANSWERED] == (True, True)


def test_what_could_not_be_asked_is_held_by_that_and_by_what_else_held_it(article, akismet, settings):
    both = post(article)
    give_up_on(both)
    assert rule_hits_on(both) == {
        AKISMET_FIRST_RULE: (False, False),
        UNTRUSTED: (False, False),
        NOT_ASKED: (False, False),
    }
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    alone = post(article, comment="Something else.")
    give_up_on(alone)
    assert rule_hits_on(alone) == {AKISMET_FIRST_RULE: (False, False), NOT_ASKED: (True, False)}


def test_an_answer_that_comes_after_all_takes_the_place_of_its_absence(article, akismet, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    comment = post(article)
    give_up_on(comment)
    akismet.verdict = "true"
    assert retry_request(latest_request(comment))
    run_due()
    assert rule_hits_on(comment) == {
        AKISMET_FIRST_RULE: (False, False),
        NOT_ASKED: (False, False),
        ANSWERED: (True, False),
    }
