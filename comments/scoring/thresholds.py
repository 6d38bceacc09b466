"""What an editor has set for scores: from which on a comment is held, or spam. Unset, scores decide nothing."""

from __future__ import annotations

from django.utils.translation import gettext as _

from comments.classifier.scores import Kind, Scores, percent
from comments.models import SitePolicy
from comments.rules.facts import Hit, Outcome
from comments.scoring.predict import evidence_for


def over_thresholds(text: str, scores: Scores, policy: SitePolicy) -> tuple[Hit, ...]:
    """At most one for each kind, the most severe that the score has reached. `entry` is "threshold:" and the kind."""
    hits = []
    for kind in Kind:
        score = scores.of(kind)
        reached = [(outcome, limit) for outcome, limit in _limits(kind, policy) if score and percent(score) >= limit]
        if score and reached:
            outcome, limit = max(reached)
            hits.append(_hit(text, kind, score, outcome, limit))
    return tuple(hits)


def _limits(kind: Kind, policy: SitePolicy) -> list[tuple[Outcome, int]]:
    """Nothing is rejected without a person: what looks like it can only be held."""
    limits = {
        Kind.SPAM: [(Outcome.HOLD, policy.spam_held_from), (Outcome.SPAM, policy.spam_from)],
        Kind.REJECTED: [(Outcome.HOLD, policy.rejected_held_from)],
    }
    return [(outcome, limit) for outcome, limit in limits[kind] if limit is not None]


def _hit(text: str, kind: Kind, score: float, outcome: Outcome, limit: int) -> Hit:
    looks_like = {
        Kind.SPAM: _("Looks like spam: %(score)d%% (threshold %(limit)d%%)"),
        Kind.REJECTED: _("Looks like rejected comments: %(score)d%% (threshold %(limit)d%%)"),
    }
    return Hit(
        entry=f"threshold:{kind}",
        outcome=outcome,
        what=looks_like[kind] % {"score": percent(score), "limit": limit},
        refusal="",  # it never refuses
        matched=tuple(evidence_for(text, kind).raised),
    )
