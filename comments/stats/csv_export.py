"""CSV export of the statistics. Cells that a spreadsheet would run as formulas are neutralized."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
import csv
from datetime import timedelta
from typing import TYPE_CHECKING
import unicodedata

from django.utils.translation import gettext as _

from comments.stats.entry_links import find_entry_links
from comments.stats.outcomes import CommentOutcome, outcomes_by_article, outcomes_by_day, outcomes_by_section
from comments.stats.period import Period
from comments.stats.rule_stats import rule_stats_of_period
from comments.stats.wait_times import WaitPercentiles, wait_percentiles_by_day

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CsvCell = str | int | float | None
CsvRow = list[CsvCell]
BYTE_ORDER_MARK = "\ufeff"  # Excel needs it to detect UTF-8
_FORMULA_PREFIXES = set("=+-@")


def csv_lines(rows: Iterable[CsvRow]) -> Iterator[str]:
    """Yield one line for each row, without buffering. Text is quoted, numbers are not."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow(["" if cell is None else neutralize_formula(cell) for cell in row])


class _Echo:
    """File-like object that returns what is written to it."""

    def write(self, line: str) -> str:
        return line


def neutralize_formula(cell: str | float) -> str | float:
    """Prefix text that a spreadsheet would treat as a formula with an apostrophe. Keep numbers.

    Leading invisible characters, and full-width or small forms of the first character, are recognized.
    """
    if not isinstance(cell, str):
        return cell
    seen = (sign for sign in cell if not sign.isspace() and unicodedata.category(sign)[0] not in "CZM")
    first = unicodedata.normalize("NFKC", next(seen, ""))
    return f"'{cell}" if cell.startswith(("\t", "\r", "\n")) or first[:1] in _FORMULA_PREFIXES else cell


def days_csv(period: Period, _user: User) -> Iterator[CsvRow]:
    waited = wait_percentiles_by_day(period)
    waits_of = (_("median waiting time (seconds)"), _("90th percentile of waiting times (seconds)"))
    yield [_("day"), *_outcome_labels(), _("all"), *waits_of]
    for day in outcomes_by_day(period):
        waits = waited.get(day.day, WaitPercentiles())
        yield [day.day.isoformat(), *day.by_outcome, day.total, _seconds(waits.median), _seconds(waits.ninetieth)]


def sections_csv(period: Period, _user: User) -> Iterator[CsvRow]:
    yield [_("section"), *_outcome_labels(), _("all")]
    for section in outcomes_by_section(period):
        yield [str(section.of), *section.by_outcome, section.total]


def articles_csv(period: Period, _user: User) -> Iterator[CsvRow]:
    """Yield a row for every article, without the limit of the page."""
    yield [_("article ID"), _("headline"), *_outcome_labels(), _("all")]
    for article in outcomes_by_article(period):
        yield [article.of.pk, str(article.of), *article.by_outcome, article.total]


def rules_csv(period: Period, user: User) -> Iterator[CsvRow]:
    yield [_("rule"), _("entry"), _("triggered"), _("sole reason"), _("overturned"), _("marked")]
    found = rule_stats_of_period(period)
    names = find_entry_links((measure.entry for measure in found), user)
    for measure in found:
        entry = names.get(measure.entry, measure.entry)
        mark = _("overturned more than half the time") if measure.is_mostly_overruled else ""
        yield [measure.rule, str(entry), measure.hit_count, measure.decisive_count, measure.overruled_count, mark]


CSV_EXPORTS: dict[str, Callable[[Period, User], Iterator[CsvRow]]] = {
    "days": days_csv,
    "sections": sections_csv,
    "articles": articles_csv,
    "rules": rules_csv,
}


def _outcome_labels() -> list[str]:
    return [str(label) for label in CommentOutcome.labels]


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else round(wait.total_seconds())
