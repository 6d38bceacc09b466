"""Outcomes of the comments of a period, by day, section and article."""

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

_BATCH_SIZE = 500  # query parameters


class CommentOutcome(TextChoices):
    """Present outcome of a comment."""

    APPROVED_BY_RULES = "by_rules", _("Approved automatically")
    APPROVED_BY_MODERATOR = "by_people", _("Approved by a moderator")
    PENDING = "pending", _("Pending")
    REJECTED = "rejected", _("Rejected")
    SPAM = "spam", _("Spam")
    WITHDRAWN = "withdrawn", _("Deleted by author")


_CONDITIONS = {
    CommentOutcome.APPROVED_BY_RULES: Q(status=Status.APPROVED, reviewed_at=None),
    CommentOutcome.APPROVED_BY_MODERATOR: Q(status=Status.APPROVED, reviewed_at__isnull=False),
    CommentOutcome.PENDING: Q(status=Status.PENDING),
    CommentOutcome.REJECTED: Q(status=Status.REJECTED),
    CommentOutcome.SPAM: Q(status=Status.SPAM),
    CommentOutcome.WITHDRAWN: Q(status=Status.WITHDRAWN),
}
_COUNTS = {fate.value: Count("pk", filter=condition) for fate, condition in _CONDITIONS.items()}


@dataclass(frozen=True)
class OutcomeCounts:
    """Number of comments for each outcome, in the order of CommentOutcome."""

    by_outcome: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.by_outcome)


@dataclass(frozen=True)
class DayCounts(OutcomeCounts):
    day: date


@dataclass(frozen=True)
class GroupCounts(OutcomeCounts):
    """Outcome counts of a section or an article."""

    of: Article | Section


def outcomes_by_day(period: Period) -> list[DayCounts]:
    """Return every day of the period, in the site's time zone, by creation time of the comments."""
    rows = _comments(period).annotate(day=TruncDate("created_at")).values("day").annotate(**_COUNTS)
    found = {row["day"]: _outcome_counts(row) for row in rows}
    return [DayCounts(found.get(day, (0,) * len(CommentOutcome)), day) for day in period.days()]


def outcomes_by_section(period: Period) -> list[GroupCounts]:
    """Return the sections, those with most comments first."""
    rows = list(_comments(period).values("article__section").annotate(**_COUNTS))
    sections = Section.objects.in_bulk()
    places = [GroupCounts(_outcome_counts(row), sections[row["article__section"]]) for row in rows]
    return sorted(places, key=lambda place: (-place.total, str(place.of)))


def outcomes_by_article(period: Period, *, limit: int | None = None) -> Iterator[GroupCounts]:
    """Yield the articles, those with most comments first. Without a limit, read them in batches."""
    rows = _comments(period).values("article").annotate(all=Count("*"), **_COUNTS).order_by("-all", "-article")
    counted = iter(rows[:limit].iterator(chunk_size=_BATCH_SIZE))
    while some := list(islice(counted, _BATCH_SIZE)):
        articles = Article.objects.only("headline", "day", "slug").in_bulk([row["article"] for row in some])
        for row in some:
            yield GroupCounts(_outcome_counts(row), articles[row["article"]])


def _comments(period: Period) -> QuerySet[Comment]:
    return Comment.objects.filter(created_at__gte=period.begins, created_at__lt=period.ends).order_by()


def _outcome_counts(row: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(row[fate.value] for fate in CommentOutcome)
