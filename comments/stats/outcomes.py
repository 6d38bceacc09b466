"""The newsroom's numbers: what became of the comments of a period, how long they waited, where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Count, Q, QuerySet, TextChoices
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Section
from comments.models import Comment
from comments.stats.period import Period
from comments.statuses import Status

_AT_ONCE = 500  # parameters of one query


class Fate(TextChoices):
    """What has become of a comment up to now."""

    BY_RULES = "by_rules", _("Approved automatically")
    BY_PEOPLE = "by_people", _("Approved by a moderator")
    WAITING = "waiting", _("Pending")
    REJECTED = "rejected", _("Rejected")
    SPAM = "spam", _("Spam")
    WITHDRAWN = "withdrawn", _("Deleted by author")


_CONDITIONS = {
    Fate.BY_RULES: Q(status=Status.APPROVED, looked_at=None),
    Fate.BY_PEOPLE: Q(status=Status.APPROVED, looked_at__isnull=False),
    Fate.WAITING: Q(status=Status.HELD),
    Fate.REJECTED: Q(status=Status.REJECTED),
    Fate.SPAM: Q(status=Status.SPAM),
    Fate.WITHDRAWN: Q(status=Status.WITHDRAWN),
}
_COUNTS = {fate.value: Count("pk", filter=condition) for fate, condition in _CONDITIONS.items()}


@dataclass(frozen=True)
class Counts:
    """How many comments there are of each fate, in the order of Fate."""

    each: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.each)


@dataclass(frozen=True)
class Day(Counts):
    day: date


@dataclass(frozen=True)
class Place(Counts):
    """A section or an article."""

    of: Article | Section


def by_day(period: Period) -> list[Day]:
    """Every day of the period, in the site's time zone, by when its comments were written."""
    rows = _comments(period).annotate(day=TruncDate("created_at")).values("day").annotate(**_COUNTS)
    found = {row["day"]: _each(row) for row in rows}
    return [Day(found.get(day, (0,) * len(Fate)), day) for day in period.days()]


def by_section(period: Period) -> list[Place]:
    """The busiest first."""
    rows = list(_comments(period).values("article__section").annotate(**_COUNTS))
    sections = Section.objects.in_bulk()
    places = [Place(_each(row), sections[row["article__section"]]) for row in rows]
    return sorted(places, key=lambda place: (-place.total, str(place.of)))


def by_article(period: Period, *, limit: int | None = None) -> Iterator[Place]:
    """The busiest first; all of them, some hundred at a time, without a limit."""
    rows = _comments(period).values("article").annotate(all=Count("*"), **_COUNTS).order_by("-all", "-article")
    counted = iter(rows[:limit].iterator(chunk_size=_AT_ONCE))
    while some := list(islice(counted, _AT_ONCE)):
        articles = Article.objects.only("headline", "day", "slug").in_bulk([row["article"] for row in some])
        for row in some:
            yield Place(_each(row), articles[row["article"]])


def _comments(period: Period) -> QuerySet[Comment]:
    return Comment.objects.filter(created_at__gte=period.begins, created_at__lt=period.ends).order_by()


def _each(row: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(row[fate.value] for fate in Fate)
