from django.core.exceptions import ImproperlyConfigured
import pytest

from comments.rules import engine
from comments.rules.engine import Finding, most_severe, run_rules
from comments.rules.facts import DeviceRecord, Facts, Outcome
from comments.statuses import Policy

TRUSTED = DeviceRecord(approved_before=1, absent_days=0)


def fired(**facts):
    return {finding.rule.rpartition(".")[2]: finding for finding in run_rules(Facts(**{"device": TRUSTED, **facts}))}


def test_a_trusted_device_is_published():
    assert fired() == {}
    assert most_severe([]) == Outcome.PUBLISH


def test_a_closed_conversation_refuses():
    assert fired(policy=Policy.CLOSED)["is_closed"] == Finding(
        "comments.rules.builtin.is_closed", Outcome.REFUSE, "Comments on this article are closed."
    )


def test_a_device_that_is_too_fast_is_told_how_long_to_wait():
    finding = fired(device=DeviceRecord(wait_seconds=42, approved_before=1))["device_is_too_fast"]
    assert finding.outcome == Outcome.REFUSE
    assert "42 seconds" in finding.detail
    assert finding.detail.retry_after == 42


def test_a_long_wait_is_told_in_minutes():
    assert "21 minutes" in fired(device=DeviceRecord(wait_seconds=1201, approved_before=1))["device_is_too_fast"].detail


@pytest.mark.parametrize(
    ("rule", "facts", "spared"),
    [
        ("network_is_busy", {"network_last_minute": 60, "device": DeviceRecord()}, {"network_last_minute": 59}),
        ("honeypot_is_filled", {"honeypot": "https://spam.example"}, {"honeypot": ""}),
        ("was_sent_too_fast", {"seconds_since_rendered": 2.9}, {"seconds_since_rendered": 3.0}),
        ("was_sent_too_fast", {"seconds_since_rendered": None}, {"seconds_since_rendered": 3.0}),
        ("was_sent_too_fast", {"seconds_since_rendered": -5.0}, {"seconds_since_rendered": 86400.0 * 30}),
        ("was_sent_too_fast", {"seconds_since_rendered": -59.0}, {"seconds_since_rendered": -3600.0}),
        ("has_many_links", {"link_count": 2}, {"link_count": 1}),
        ("repeats_itself", {"is_posted_elsewhere": True}, {"is_posted_elsewhere": False}),
        ("everything_is_held", {"policy": Policy.HOLD}, {"policy": Policy.OPEN}),
        ("device_is_not_trusted", {"device": DeviceRecord()}, {"device": TRUSTED}),
        (
            "device_is_not_trusted",
            {"device": DeviceRecord(approved_before=9, has_recent_rejection=True)},
            {"device": DeviceRecord(approved_before=9)},
        ),
        (
            "device_is_not_trusted",
            {"device": DeviceRecord(approved_before=9, absent_days=181)},
            {"device": DeviceRecord(approved_before=9, absent_days=180)},
        ),
    ],
)
def test_each_rule_holds_what_it_is_for_and_spares_the_rest(rule, facts, spared):
    assert fired(**facts)[rule].outcome == Outcome.HOLD
    assert rule not in fired(**spared)


def test_every_finding_is_kept_and_the_most_severe_counts():
    found = fired(policy=Policy.CLOSED, link_count=5, honeypot="x", device=DeviceRecord())
    assert set(found) == {"is_closed", "has_many_links", "honeypot_is_filled", "device_is_not_trusted"}
    assert most_severe(found.values()) == Outcome.REFUSE


def test_the_number_of_links_is_a_setting(settings):
    settings.COMMENT_MAX_LINKS = 4
    assert "has_many_links" not in fired(link_count=3)


def test_the_number_of_approved_comments_is_a_setting(settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 3
    assert "device_is_not_trusted" in fired(device=DeviceRecord(approved_before=2))


@engine.rule(Outcome.SPAM)
def mentions_watches(facts):
    """Example of a rule that an operator might add."""
    return "watches" if "watches" in facts.text else None


@engine.rule(Outcome.SPAM)
def breaks(facts):
    raise ZeroDivisionError


def test_a_rule_that_breaks_holds_and_is_logged(settings, caplog):
    settings.COMMENT_RULES = ["tests.comments.test_rules.breaks"]
    assert fired()["breaks"].outcome == Outcome.HOLD
    assert "tests.comments.test_rules.breaks" in caplog.text


@pytest.mark.parametrize(
    "path", ["nowhere.at_all", "comments.rules.builtin.nothing", "comments.rules.engine.most_severe", "nonsense"]
)
def test_a_path_that_leads_to_no_rule_is_named(path):
    with pytest.raises(ImproperlyConfigured, match=f"COMMENT_RULES names '{path}'"):
        engine.load_rules((path,))


def test_an_operator_adds_a_rule_by_a_setting(settings):
    settings.COMMENT_RULES = [*settings.COMMENT_RULES, "tests.comments.test_rules.mentions_watches"]
    finding = fired(text="cheap watches")["mentions_watches"]
    assert finding.as_json() == {
        "rule": "tests.comments.test_rules.mentions_watches",
        "outcome": "spam",
        "detail": "watches",
    }
