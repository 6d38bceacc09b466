"""Lists of articles with the versions that form their cache keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from articles.cursor import PageCursor
from articles.models import Article, SiteSettings
from articles.models.article import FAR_FUTURE, ArticleQuerySet, next_scheduled_change
from newsite.http.page_cache import Expiry
from newsite.pages.site_context import site_context, site_settings_version

PAGE_SIZE = 40


@dataclass(frozen=True)
class ListedArticle:
    """Article of a list, with the versions of what the list shows of it."""

    pk: int
    version: int
    comments: int
    unpublish_at: datetime | None


@dataclass(frozen=True)
class ArticleListing:
    """Page of a list; `next` is the cursor of the next page, or None on the last page."""

    site_version: int
    articles: tuple[ListedArticle, ...]
    next: PageCursor | None = None
    next_scheduled_change: datetime = field(default=FAR_FUTURE, repr=False)  # not part of the cache key

    @property
    def expiry(self) -> Expiry:
        """Return when any article becomes or ceases to be public, and when one of this list ceases to be."""
        ends = min((each.unpublish_at for each in self.articles if each.unpublish_at), default=None)
        return Expiry(changes_at=self.next_scheduled_change, expires_at=ends)


def load_listing(
    articles: ArticleQuerySet, *, after: PageCursor | None = None, limit: int = PAGE_SIZE
) -> ArticleListing:
    """Return the newest public articles of a queryset, with the version of the site settings.

    One query; three if there are no articles.
    """
    articles = articles.published()
    if after:
        articles = articles.after(after.key, after.pk)
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
    due, site_version = found[0][:2]
    behind = PageCursor(*found[limit - 1][2:4]) if len(found) > limit else None
    return ArticleListing(site_version, tuple(ListedArticle(*row[3:]) for row in found[:limit]), behind, due)


def listing_context(listing: ArticleListing) -> dict[str, Any]:
    """Return the template context of a list: its articles with their numbers of comments, and the site."""
    by_pk = (
        Article.objects.select_related("section", "lead_image")
        .prefetch_related("bylines__author")
        .in_bulk([each.pk for each in listing.articles])
    )
    articles = []
    for each in listing.articles:
        if article := by_pk.get(each.pk):
            article.comment_count = each.comments  # type: ignore[attr-defined]  # used by templates
            articles.append(article)
    return {"articles": articles, "site": site_context(listing.site_version)}


def limited_ids(articles: ArticleQuerySet, number: int) -> QuerySet[Any]:
    """Return the ids of the first articles, for a union.

    The limit is in a subquery, because SQLite allows no LIMIT in a part of a union.
    """
    return Article.objects.filter(pk__in=articles.values("pk")[:number]).order_by().values("pk")
