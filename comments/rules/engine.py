"""Run the rules in COMMENT_RULES, and keep what they find.

To add a rule, write a function like those in comments/rules/builtin.py in a module of your own and add its dotted
path to the setting COMMENT_RULES. A rule returns None if it does not apply, else a sentence: for moderators, or for
the reader if its outcome is REFUSE. A list of sentences is several findings. Every rule is run, every finding is
stored, and the most severe outcome counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
import logging
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from comments.rules.facts import Facts, FilterMatch, Outcome

logger = logging.getLogger(__name__)


class RetryLater(str):
    """Message of a refusing rule when waiting helps: the reader may try again after `retry_after` seconds."""

    retry_after: int

    def __new__(cls, text: str, *, retry_after: int) -> RetryLater:
        sentence = super().__new__(cls, text)
        sentence.retry_after = retry_after
        return sentence


class Challenge(str):
    """Message of a refusing rule when a proof of work helps."""


class MatchMessage(str):
    """Message with the outcome of the filter match that it describes."""

    match: FilterMatch

    def __new__(cls, filter_match: FilterMatch) -> MatchMessage:
        sentence = super().__new__(
            cls,
            filter_match.reader_message if filter_match.outcome == Outcome.REFUSE else filter_match.moderator_message,
        )
        sentence.match = filter_match
        return sentence


RuleFunction = Callable[[Facts], str | list[MatchMessage] | None]


class Rule(Protocol):
    """Function that @rule has marked."""

    __name__: str
    outcome: Outcome
    is_limit: bool

    def __call__(self, facts: Facts) -> str | list[MatchMessage] | None: ...


@dataclass(frozen=True)
class Finding:
    """Result of one rule that applied; `rule` is its dotted path, `entry` and `matched` are those of a FilterMatch."""

    rule: str
    outcome: Outcome
    detail: str
    entry: str = ""
    matched: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        row = {"rule": self.rule, "outcome": self.outcome.name.lower(), "detail": str(self.detail)}
        return row | ({"entry": self.entry, "matched": list(self.matched)} if self.entry else {})


def rule(outcome: Outcome, *, is_limit: bool = False) -> Callable[[RuleFunction], Rule]:
    """Mark a function as a rule.

    A limit is also run before any work on the text is done. Its facts then contain only the policy, the network's
    last minute, whether the author is staff, the record of the device, and the number of new devices.
    """

    def mark(function: RuleFunction) -> Rule:
        marked = cast(Rule, function)
        marked.outcome, marked.is_limit = outcome, is_limit
        return marked

    return mark


@cache
def load_rules(paths: tuple[str, ...]) -> tuple[Rule, ...]:
    """Import the rules; raise ImproperlyConfigured for a path that is not a rule."""
    found = []
    for path in paths:
        try:
            rule_function = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"COMMENT_RULES names {path!r}, which cannot be imported: {error}.") from error
        if not hasattr(rule_function, "outcome"):
            raise ImproperlyConfigured(f"COMMENT_RULES names {path!r}, which is not marked with @rule.")
        found.append(rule_function)
    return tuple(found)


def run_rules(facts: Facts) -> list[Finding]:
    """Run every rule in COMMENT_RULES and return the findings in that order; a rule that fails holds the comment."""
    return [
        finding
        for rule_function in load_rules(tuple(settings.COMMENT_RULES))
        for finding in _run_rule(rule_function, facts)
    ]


def run_limits(facts: Facts) -> list[Finding]:
    """Run only the limits among the rules."""
    limits = (rule_function for rule_function in load_rules(tuple(settings.COMMENT_RULES)) if rule_function.is_limit)
    return [finding for rule_function in limits for finding in _run_rule(rule_function, facts)]


def first_refusal(findings: Iterable[Finding]) -> Finding | None:
    return next((finding for finding in findings if finding.outcome == Outcome.REFUSE), None)


def _run_rule(rule_function: Rule, facts: Facts) -> list[Finding]:
    path = f"{rule_function.__module__}.{rule_function.__name__}"
    try:
        messages = rule_function(facts)
    except Exception:  # an operator's rule may raise anything; the comment must not be lost
        logger.exception("Rule %s failed; the comment is held for a moderator.", path)
        return [Finding(rule=path, outcome=Outcome.HOLD, detail=_("This rule failed; see the log"))]
    if not messages:
        return []
    each = messages if isinstance(messages, list) else [messages]
    return [_finding(path, rule_function.outcome, message) for message in each]


def _finding(path: str, outcome: Outcome, message: str) -> Finding:
    if isinstance(message, MatchMessage):
        filter_match = message.match
        return Finding(
            rule=path,
            outcome=filter_match.outcome,
            detail=message,
            entry=filter_match.entry,
            matched=filter_match.matched,
        )
    return Finding(rule=path, outcome=outcome, detail=message)


def most_severe(findings: Iterable[Finding]) -> Outcome:
    return max((finding.outcome for finding in findings), default=Outcome.PUBLISH)
