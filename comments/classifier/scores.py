"""What a score is: how likely it is, by what was learnt, that a moderator would put a comment away."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

UNKNOWN_SUSPICION = 0.5  # the suspicion of a comment without scores: in the middle of the queue
_MAX_PROBABILITY = 1 - 1e-9


class ScoreKind(TextChoices):
    """What is told from approved comments, each by a lesson of its own."""

    SPAM = "spam", _("Spam")
    REJECTED = "rejected", _("Rejected")


@dataclass(frozen=True)
class Scores:
    """Probabilities: that a comment is spam if it is either that or to be approved; the same of rejected. None: no
    score.
    """

    spam: float | None = None
    rejected: float | None = None

    @property
    def suspicion(self) -> float:
        """That it is one of the two, rather than to be approved. By this a queue is ordered."""
        known = [score for score in (self.spam, self.rejected) if score is not None]
        if not known:
            return UNKNOWN_SUSPICION
        odds = sum(
            min(score, _MAX_PROBABILITY) / (1 - min(score, _MAX_PROBABILITY)) for score in known
        )  # each against approved
        return odds / (1 + odds)

    def of(self, kind: ScoreKind) -> float | None:
        return self.spam if kind == ScoreKind.SPAM else self.rejected

    def as_fields(self) -> dict[str, float | None]:
        """Of a comment."""
        return {"spam_score": self.spam, "rejected_score": self.rejected, "suspicion": self.suspicion}


NO_SCORES = Scores()


def to_percent(score: float) -> int:
    """Rounded down: “from 90 %” is not yet passed by 0.899, and 100 % never is."""
    return int(score * 100)
