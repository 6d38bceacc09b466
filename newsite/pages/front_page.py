"""Front page: pinned articles, the newest articles in the other positions, sections below, and the most discussed.

One query finds all rows that the page may show, each with its version and its number of public comments; these form
the cache key. Articles that are no longer public are not found.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from articles.models import Article, Section
from articles.models.article import ArticleQuerySet, next_scheduled_change
from articles.models.front_page_slot import FRONT_PAGE_SLOTS
from newsite.http.decorators import public_view
from newsite.http.page_cache import Expiry, cached_page
from newsite.pages.listing import ArticleListing, ListedArticle, limited_ids, listing_context
from newsite.pages.redirects import redirect_response
from newsite.pages.site_context import current_site_context, site_settings_version

NEWEST_COUNT = 40  # of all sections
COLUMN_SIZE = 4  # per section, of any age
MOST_DISCUSSED_COUNT = 5
DISCUSSED_PERIOD = timedelta(days=7)  # after the publication of an article


class FrontPageRow(NamedTuple):
    """Row of the front page query; `position` is the front page slot, or 0."""

    site_version: int
    pk: int
    version: int
    comments: int
    position: int
    published_at: datetime
    unpublish_at: datetime | None


@public_view
def front_page(request: HttpRequest) -> HttpResponse:
    if request.META["QUERY_STRING"] and (
        answer := redirect_response(request, is_by_query=True)
    ):  # "/?p=12" is an address of the previous system
        return answer
    found, changes = _load_rows()
    site_version = found[0].site_version if found else current_site_context().version
    discussed = _most_discussed(found)
    return cached_page(
        request,
        ("front", timezone.localdate(), site_version, found, discussed),
        lambda: render_to_string("newsite/front_page.html", _context(site_version, found, discussed)),
        expiry=Expiry(
            changes_at=changes, expires_at=min((each.unpublish_at for each in found if each.unpublish_at), default=None)
        ),
    )


def _load_rows() -> tuple[tuple[FrontPageRow, ...], datetime]:
    """Return the rows, and the time when the next article becomes or ceases to be public."""
    public = Article.objects.published()
    discussed = public.filter(published_at__gte=timezone.now() - DISCUSSED_PERIOD, conversation__public_count__gt=0)
    parts = [
        limited_ids(public.newest_first(), NEWEST_COUNT),
        limited_ids(discussed.order_by("-conversation__public_count", "-published_at", "-pk"), MOST_DISCUSSED_COUNT),
        *_first_of_each_section(public),
    ]
    pinned = public.exclude(front_page_slot=None).order_by().values("pk")
    rows = list(
        public.filter(pk__in=pinned.union(*parts))
        .newest_first()
        .values_list(
            next_scheduled_change(),
            site_settings_version(),
            *("pk", "version"),
            Coalesce(F("conversation__public_count"), 0),
            Coalesce(F("front_page_slot__position"), 0),
            *("published_at", "unpublish_at"),
        )
    )
    return tuple(FrontPageRow(*row[1:]) for row in rows), rows[0][
        0
    ] if rows else Article.objects.next_scheduled_change()


def _first_of_each_section(public: ArticleQuerySet) -> list[QuerySet[Any]]:
    """Return enough articles for a full column of each section, even if the newest ones are shown further up."""
    newest = public.filter(section=OuterRef("pk")).newest_first().values("pk")
    return [
        Section.objects.order_by().values(nth=Subquery(newest[nth : nth + 1]))
        for nth in range(FRONT_PAGE_SLOTS + COLUMN_SIZE)
    ]


def _most_discussed(found: tuple[FrontPageRow, ...]) -> tuple[int, ...]:
    since = timezone.now() - DISCUSSED_PERIOD
    discussed = [each for each in found if each.comments and each.published_at >= since]
    return tuple(each.pk for each in sorted(discussed, key=lambda each: -each.comments)[:MOST_DISCUSSED_COUNT])


def _context(site_version: int, found: tuple[FrontPageRow, ...], discussed: tuple[int, ...]) -> dict[str, Any]:
    in_order = tuple(ListedArticle(each.pk, each.version, each.comments, each.unpublish_at) for each in _arrange(found))
    context = listing_context(ArticleListing(site_version, in_order))
    articles = context["articles"]
    by_section = sorted(articles[FRONT_PAGE_SLOTS:], key=lambda article: (article.section.order, article.section.name))
    by_pk = {article.pk: article for article in articles}
    return {
        **context,
        "lead": articles[0] if articles else None,
        "second_rank": articles[1:FRONT_PAGE_SLOTS],
        "columns": [
            {"section": section, "articles": list(each)[:COLUMN_SIZE]}
            for section, each in groupby(by_section, key=lambda article: article.section)
        ],
        "most_discussed": [by_pk[pk] for pk in discussed if pk in by_pk],
    }


def _arrange(found: tuple[FrontPageRow, ...]) -> list[FrontPageRow]:
    """Put pinned articles at their position or the next free one, and the newest others in between."""
    placed = sorted((each for each in found if each.position), key=lambda each: each.position)
    others = [each for each in found if not each.position]
    arranged: list[FrontPageRow] = []
    while placed or others:
        is_due = placed and placed[0].position <= len(arranged) + 1
        arranged.append((placed if is_due or not others else others).pop(0))
    return arranged
