"""The numbers as CSV, for spreadsheets: what people have written there is text, whatever it begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
import csv
from datetime import timedelta
from typing import TYPE_CHECKING
import unicodedata

from django.utils.translation import gettext as _

from comments.stats.entry_links import named
from comments.stats.outcomes import Fate, by_article, by_day, by_section
from comments.stats.period import Period
from comments.stats.rule_stats import measures
from comments.stats.wait_times import Waits, waits_by_day

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Cell = str | int | float | None
Row = list[Cell]
BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read UTF-8
_BEGIN_A_FORMULA = set("=+-@")


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """One line a row, each as soon as it is known. Text is in quotes, numbers are not."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow(["" if cell is None else neutral(cell) for cell in row])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def neutral(cell: str | float) -> str | float:
    """Text that a spreadsheet would take for a formula has an apostrophe before it. Numbers stay what they are.

    What is not seen before its first character does not hide it, nor that it is a wide or a small one.
    """
    if not isinstance(cell, str):
        return cell
    seen = (sign for sign in cell if not sign.isspace() and unicodedata.category(sign)[0] not in "CZM")
    first = unicodedata.normalize("NFKC", next(seen, ""))
    return f"'{cell}" if cell.startswith(("\t", "\r", "\n")) or first[:1] in _BEGIN_A_FORMULA else cell


def days_sheet(period: Period, _user: User) -> Iterator[Row]:
    waited = waits_by_day(period)
    waits_of = (_("median waiting time (seconds)"), _("90th percentile of waiting times (seconds)"))
    yield [_("day"), *_fates(), _("all"), *waits_of]
    for day in by_day(period):
        waits = waited.get(day.day, Waits())
        yield [day.day.isoformat(), *day.each, day.total, _seconds(waits.median), _seconds(waits.ninetieth)]


def sections_sheet(period: Period, _user: User) -> Iterator[Row]:
    yield [_("section"), *_fates(), _("all")]
    for section in by_section(period):
        yield [str(section.of), *section.each, section.total]


def articles_sheet(period: Period, _user: User) -> Iterator[Row]:
    """All of them, not the busiest alone."""
    yield [_("article ID"), _("headline"), *_fates(), _("all")]
    for article in by_article(period):
        yield [article.of.pk, str(article.of), *article.each, article.total]


def rules_sheet(period: Period, user: User) -> Iterator[Row]:
    yield [_("rule"), _("entry"), _("triggered"), _("sole reason"), _("overturned"), _("marked")]
    found = measures(period)
    names = named((measure.entry for measure in found), user)
    for measure in found:
        entry = names.get(measure.entry, measure.entry)
        mark = _("overturned more than half the time") if measure.is_doubtful else ""
        yield [measure.rule, str(entry), measure.fired, measure.alone, measure.overruled, mark]


SHEETS: dict[str, Callable[[Period, User], Iterator[Row]]] = {
    "days": days_sheet,
    "sections": sections_sheet,
    "articles": articles_sheet,
    "rules": rules_sheet,
}


def _fates() -> list[str]:
    return [str(label) for label in Fate.labels]


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else round(wait.total_seconds())
