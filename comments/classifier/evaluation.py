"""How good a lesson is, in plain numbers: what it would have made of decisions that it had not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter

from comments.classifier.scores import to_percent

THRESHOLDS = (50, 60, 70, 80, 90, 95, 99)  # percent


@dataclass(frozen=True)
class ThresholdRow:
    """Of the comments that score as much or more: `right` had been put away, `wrong` had been approved."""

    percent: int
    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float | None:
        """None when nothing scored as much."""
        return (
            self.true_positives / (self.true_positives + self.false_positives)
            if self.true_positives + self.false_positives
            else None
        )

    @property
    def recall(self) -> float | None:
        return (
            self.true_positives / (self.true_positives + self.false_negatives)
            if self.true_positives + self.false_negatives
            else None
        )

    @property
    def f1(self) -> float:
        found = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / found if found else 0.0


def evaluate(scored: Iterable[tuple[float, bool]]) -> list[ThresholdRow]:
    """`scored` has a score and whether a moderator did put the comment away."""
    known = [(to_percent(score), is_bad) for score, is_bad in scored]
    total = sum(is_bad for _score, is_bad in known)
    rows = []
    for threshold in THRESHOLDS:
        above = [is_bad for score, is_bad in known if score >= threshold]
        rows.append(
            ThresholdRow(
                threshold,
                true_positives=sum(above),
                false_positives=len(above) - sum(above),
                false_negatives=total - sum(above),
            )
        )
    return rows


def as_json(row: ThresholdRow) -> dict[str, int]:
    return asdict(row)


def roc_auc(scored: Iterable[tuple[float, bool]]) -> float | None:
    """Under the ROC curve: how often, of one comment of each sort, the worse one scores more. None without both."""
    ordered = sorted(scored)
    wins, approved, put_away = 0.0, 0, 0
    for _score, same in groupby(ordered, key=itemgetter(0)):
        sorts = [is_bad for _score, is_bad in same]
        bad = sum(sorts)
        wins += bad * (approved + (len(sorts) - bad) / 2)
        approved, put_away = approved + len(sorts) - bad, put_away + bad
    return wins / (approved * put_away) if approved and put_away else None
