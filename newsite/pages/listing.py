"""What the pages that list articles show: which ones, and under which versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from articles.models import Article, SiteSettings
from articles.models.article import FAR_FUTURE, ArticleQuerySet, next_scheduled_change
from comments.threads.pages import ThreadCursor
from newsite.http.page_cache import Expiry
from newsite.pages.site_context import site_context, site_settings_version

PAGE_SIZE = 40


@dataclass(frozen=True)
class ListedArticle:
    """One article of a list, under its versions: what the list shows of it moves with them."""

    pk: int
    version: int
    comments: int
    unpublish_at: datetime | None


@dataclass(frozen=True)
class ArticleListing:
    """`next` is where the next page begins; None on the last one."""

    site_version: int
    articles: tuple[ListedArticle, ...]
    next: ThreadCursor | None = None
    next_scheduled_change: datetime = field(default=FAR_FUTURE, repr=False)  # what will move it is no version of it

    @property
    def expiry(self) -> Expiry:
        """The list changes when any article begins or ends, and may not be shown once one of its own has ended."""
        ends = min((each.unpublish_at for each in self.articles if each.unpublish_at), default=None)
        return Expiry(changes_at=self.next_scheduled_change, expires_at=ends)


def load_listing(
    articles: ArticleQuerySet, *, after: ThreadCursor | None = None, limit: int = PAGE_SIZE
) -> ArticleListing:
    """The newest public ones of these, and the paper that shows them, in one query; three if there are none."""
    articles = articles.published()
    if after:
        articles = articles.after(after.at, after.pk)
    rows = articles.newest_first().values_list(
        next_scheduled_change(),
        site_settings_version(),
        "published_at",
        "pk",
        "version",
        Coalesce(F("conversation__public_count"), 0),
        "unpublish_at",
    )
    found = list(rows[: limit + 1])
    if not found:
        return ArticleListing(
            SiteSettings.current().version, (), next_scheduled_change=Article.objects.next_scheduled_change()
        )
    due, paper = found[0][:2]
    behind = ThreadCursor.at_time(*found[limit - 1][2:4]) if len(found) > limit else None
    return ArticleListing(paper, tuple(ListedArticle(*row[3:]) for row in found[:limit]), behind, due)


def listing_context(listing: ArticleListing) -> dict[str, Any]:
    """The articles of a list, each with the number of its comments, and the frame."""
    by_pk = (
        Article.objects.select_related("section", "lead_image")
        .prefetch_related("bylines__author")
        .in_bulk([each.pk for each in listing.articles])
    )
    articles = []
    for each in listing.articles:
        if article := by_pk.get(each.pk):
            article.comment_count = each.comments  # type: ignore[attr-defined]  # for the templates
            articles.append(article)
    return {"articles": articles, "frame": site_context(listing.site_version)}


def limited_ids(articles: ArticleQuerySet, number: int) -> QuerySet[Any]:
    """Their ids, for a union: in a query around the one that ends, since SQLite knows no end of a part of a union."""
    return Article.objects.filter(pk__in=articles.values("pk")[:number]).order_by().values("pk")
