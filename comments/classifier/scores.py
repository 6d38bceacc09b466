"""Scores: the estimated probability that a moderator would reject a comment or mark it as spam."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

UNKNOWN_SUSPICION = 0.5  # a comment without scores is in the middle of the queue
_MAX_PROBABILITY = 1 - 1e-9


class ScoreKind(TextChoices):
    """Classes that are distinguished from approved comments, each by its own model."""

    SPAM = "spam", _("Spam")
    REJECTED = "rejected", _("Rejected")


@dataclass(frozen=True)
class Scores:
    """Probability of spam versus approved, and of rejected versus approved.

    None means no score.
    """

    spam: float | None = None
    rejected: float | None = None

    @property
    def suspicion(self) -> float:
        """Return the probability of spam or rejected versus approved. The queue can be ordered by it."""
        known = [score for score in (self.spam, self.rejected) if score is not None]
        if not known:
            return UNKNOWN_SUSPICION
        # Each score gives the odds of its class versus approved.
        odds = sum(min(score, _MAX_PROBABILITY) / (1 - min(score, _MAX_PROBABILITY)) for score in known)
        return odds / (1 + odds)

    def of(self, kind: ScoreKind) -> float | None:
        return self.spam if kind == ScoreKind.SPAM else self.rejected

    def as_fields(self) -> dict[str, float | None]:
        """Return the values of the fields of Comment."""
        return {"spam_score": self.spam, "rejected_score": self.rejected, "suspicion": self.suspicion}


NO_SCORES = Scores()


def to_percent(score: float) -> int:
    """Round down to percent: 0.899 does not reach a threshold of 90%, and no score reaches 100%."""
    return int(score * 100)
