"""Rules that use scores; they match nothing until an editor has set a threshold."""

from __future__ import annotations

from comments.rules.engine import MatchMessage, rule
from comments.rules.facts import Facts, Outcome


@rule(Outcome.HOLD)  # or SPAM, depending on the threshold
def looks_like_spam(facts: Facts) -> list[MatchMessage]:
    """Hold or mark as spam comments that are similar to those that moderators marked as spam."""
    return [MatchMessage(hit) for hit in facts.over_thresholds if hit.entry == "threshold:spam"]


@rule(Outcome.HOLD)
def looks_like_rejected(facts: Facts) -> list[MatchMessage]:
    """Hold comments that are similar to those that moderators rejected."""
    return [MatchMessage(hit) for hit in facts.over_thresholds if hit.entry == "threshold:rejected"]
