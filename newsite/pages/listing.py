"""What the pages that list articles show: which ones, and under which versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from articles.models import Article, Paper
from articles.models.article import NEVER, ArticleQuerySet, next_due
from comments.threads.pages import Cursor
from newsite.http.page_cache import Due
from newsite.pages.site_context import frame_of, paper_version

LISTED = 40


@dataclass(frozen=True)
class Listed:
    """One article of a list, under its versions: what the list shows of it moves with them."""

    pk: int
    version: int
    comments: int
    unpublish_at: datetime | None


@dataclass(frozen=True)
class Listing:
    """`next` is where the next page begins; None on the last one."""

    paper: int
    articles: tuple[Listed, ...]
    next: Cursor | None = None
    next_due: datetime = field(default=NEVER, repr=False)  # what will move it is no version of it

    @property
    def due(self) -> Due:
        """The list changes when any article begins or ends, and may not be shown once one of its own has ended."""
        ends = min((each.unpublish_at for each in self.articles if each.unpublish_at), default=None)
        return Due(changes=self.next_due, ends=ends)


def versions_of(articles: ArticleQuerySet, *, after: Cursor | None = None, at_most: int = LISTED) -> Listing:
    """The newest public ones of these, and the paper that shows them, in one query; three if there are none."""
    articles = articles.published()
    if after:
        articles = articles.behind(after.at, after.pk)
    rows = articles.newest().values_list(
        next_due(),
        paper_version(),
        "published_at",
        "pk",
        "version",
        Coalesce(F("conversation__public_count"), 0),
        "unpublish_at",
    )
    found = list(rows[: at_most + 1])
    if not found:
        return Listing(Paper.current().version, (), next_due=Article.objects.next_due())
    due, paper = found[0][:2]
    behind = Cursor.at_time(*found[at_most - 1][2:4]) if len(found) > at_most else None
    return Listing(paper, tuple(Listed(*row[3:]) for row in found[:at_most]), behind, due)


def newest_of(listing: Listing) -> dict[str, Any]:
    """The articles of a list, each with the number of its comments, and the frame."""
    by_pk = (
        Article.objects.select_related("section", "picture")
        .prefetch_related("bylines__author")
        .in_bulk([each.pk for each in listing.articles])
    )
    articles = []
    for each in listing.articles:
        if article := by_pk.get(each.pk):
            article.comment_count = each.comments  # type: ignore[attr-defined]  # for the templates
            articles.append(article)
    return {"articles": articles, "frame": frame_of(listing.paper)}


def first_of(articles: ArticleQuerySet, number: int) -> QuerySet[Any]:
    """Their ids, for a union: in a query around the one that ends, since SQLite knows no end of a part of a union."""
    return Article.objects.filter(pk__in=articles.values("pk")[:number]).order_by().values("pk")
