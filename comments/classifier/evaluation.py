"""Evaluation of a scoring model: precision, recall and ROC AUC on decisions that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter

from comments.classifier.scores import to_percent

THRESHOLDS = (50, 60, 70, 80, 90, 95, 99)  # percent


@dataclass(frozen=True)
class ThresholdRow:
    """Counts for one threshold, in percent.

    Positives are comments with this score or a higher one. True positives had been rejected or marked as spam, false
    positives had been approved.
    """

    percent: int
    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float | None:
        """Return the precision, or None if no comment reaches the threshold."""
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
    """Return a row for each threshold. `scored` has the score, and whether a moderator rejected the comment."""
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
    """Return the area under the ROC curve, or None if one class is empty.

    It is the probability that a rejected comment scores higher than an approved one.
    """
    ordered = sorted(scored)
    wins, approved, put_away = 0.0, 0, 0
    for _score, same in groupby(ordered, key=itemgetter(0)):
        sorts = [is_bad for _score, is_bad in same]
        bad = sum(sorts)
        wins += bad * (approved + (len(sorts) - bad) / 2)
        approved, put_away = approved + len(sorts) - bad, put_away + bad
    return wins / (approved * put_away) if approved and put_away else None
