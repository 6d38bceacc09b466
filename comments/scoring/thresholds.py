"""Score thresholds from the site policy. A score without a threshold has no effect."""

from __future__ import annotations

from django.utils.translation import gettext as _

from comments.classifier.scores import ScoreKind, Scores, to_percent
from comments.models import SitePolicy
from comments.rules.facts import FilterMatch, Outcome
from comments.scoring.predict import explain_score


def over_thresholds(text: str, scores: Scores, policy: SitePolicy) -> tuple[FilterMatch, ...]:
    """Return at most one match for each kind: the most severe threshold that the score has reached.

    Its `entry` is "threshold:" followed by the kind.
    """
    hits = []
    for kind in ScoreKind:
        score = scores.of(kind)
        reached = [
            (outcome, limit) for outcome, limit in _thresholds(kind, policy) if score and to_percent(score) >= limit
        ]
        if score and reached:
            outcome, limit = max(reached)
            hits.append(_match(text, kind, score, outcome, limit))
    return tuple(hits)


def _thresholds(kind: ScoreKind, policy: SitePolicy) -> list[tuple[Outcome, int]]:
    """Return the thresholds of a kind. Only a person may reject, so a rejection score can only hold a comment."""
    limits = {
        ScoreKind.SPAM: [(Outcome.HOLD, policy.spam_held_from), (Outcome.SPAM, policy.spam_from)],
        ScoreKind.REJECTED: [(Outcome.HOLD, policy.rejected_held_from)],
    }
    return [(outcome, limit) for outcome, limit in limits[kind] if limit is not None]


def _match(text: str, kind: ScoreKind, score: float, outcome: Outcome, limit: int) -> FilterMatch:
    looks_like = {
        ScoreKind.SPAM: _("Looks like spam: %(score)d%% (threshold %(limit)d%%)"),
        ScoreKind.REJECTED: _("Looks like rejected comments: %(score)d%% (threshold %(limit)d%%)"),
    }
    return FilterMatch(
        entry=f"threshold:{kind}",
        outcome=outcome,
        moderator_message=looks_like[kind] % {"score": to_percent(score), "limit": limit},
        reader_message="",  # a threshold never refuses a comment
        matched=tuple(explain_score(text, kind).increasing),
    )
