"""How good a lesson is, in plain numbers: what it would have made of decisions that it had not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter

from comments.classifier.scores import percent

THRESHOLDS = (50, 60, 70, 80, 90, 95, 99)  # percent


@dataclass(frozen=True)
class Row:
    """Of the comments that score as much or more: `right` had been put away, `wrong` had been approved."""

    percent: int
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """None when nothing scored as much."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    @property
    def f1(self) -> float:
        found = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / found if found else 0.0


def measure(scored: Iterable[tuple[float, bool]]) -> list[Row]:
    """`scored` has a score and whether a moderator did put the comment away."""
    known = [(percent(score), is_bad) for score, is_bad in scored]
    total = sum(is_bad for _score, is_bad in known)
    rows = []
    for threshold in THRESHOLDS:
        above = [is_bad for score, is_bad in known if score >= threshold]
        rows.append(Row(threshold, right=sum(above), wrong=len(above) - sum(above), missed=total - sum(above)))
    return rows


def as_json(row: Row) -> dict[str, int]:
    return asdict(row)


def area(scored: Iterable[tuple[float, bool]]) -> float | None:
    """Under the ROC curve: how often, of one comment of each sort, the worse one scores more. None without both."""
    ordered = sorted(scored)
    wins, approved, put_away = 0.0, 0, 0
    for _score, same in groupby(ordered, key=itemgetter(0)):
        sorts = [is_bad for _score, is_bad in same]
        bad = sum(sorts)
        wins += bad * (approved + (len(sorts) - bad) / 2)
        approved, put_away = approved + len(sorts) - bad, put_away + bad
    return wins / (approved * put_away) if approved and put_away else None
