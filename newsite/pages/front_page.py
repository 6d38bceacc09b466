"""The front page: places that editors gave away, the newest in the others, sections below, and what is discussed.

One query finds all that it may show, each with its version and its number of public comments; the page is kept under
these. What is not public any more is not found.
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
from articles.models.article import ArticleQuerySet, next_due
from articles.models.front_page_slot import PLACES
from newsite.http.decorators import for_reading
from newsite.http.page_cache import Due, stored_page
from newsite.pages.listing import Listed, Listing, first_of, newest_of
from newsite.pages.redirects import moved
from newsite.pages.site_context import current_frame, paper_version

NEWEST = 40  # looked at, whatever their section
IN_A_COLUMN = 4  # of each section, however long ago
MOST_DISCUSSED = 5
DISCUSSED_FOR = timedelta(days=7)  # after an article was published


class Found(NamedTuple):
    """`place` is the one that an editor gave it, or 0."""

    paper: int
    pk: int
    version: int
    comments: int
    place: int
    published_at: datetime
    unpublish_at: datetime | None


@for_reading
def front_page(request: HttpRequest) -> HttpResponse:
    if request.META["QUERY_STRING"] and (answer := moved(request, is_by_query=True)):  # "/?p=12" of another system
        return answer
    found, changes = _find()
    paper = found[0].paper if found else current_frame().version
    discussed = _most_discussed(found)
    return stored_page(
        request,
        ("front", timezone.localdate(), paper, found, discussed),
        lambda: render_to_string("newsite/front_page.html", _context(paper, found, discussed)),
        due=Due(changes=changes, ends=min((each.unpublish_at for each in found if each.unpublish_at), default=None)),
    )


def _find() -> tuple[tuple[Found, ...], datetime]:
    """And when any article begins or ends."""
    public = Article.objects.published()
    discussed = public.filter(published_at__gte=timezone.now() - DISCUSSED_FOR, conversation__public_count__gt=0)
    parts = [
        first_of(public.newest(), NEWEST),
        first_of(discussed.order_by("-conversation__public_count", "-published_at", "-pk"), MOST_DISCUSSED),
        *_first_of_each_section(public),
    ]
    pinned = public.exclude(front_place=None).order_by().values("pk")
    rows = list(
        public.filter(pk__in=pinned.union(*parts))
        .newest()
        .values_list(
            next_due(),
            paper_version(),
            *("pk", "version"),
            Coalesce(F("conversation__public_count"), 0),
            Coalesce(F("front_place__place"), 0),
            *("published_at", "unpublish_at"),
        )
    )
    return tuple(Found(*row[1:]) for row in rows), rows[0][0] if rows else Article.objects.next_due()


def _first_of_each_section(public: ArticleQuerySet) -> list[QuerySet[Any]]:
    """Enough for a whole column, wherever the first of them stand."""
    newest = public.filter(section=OuterRef("pk")).newest().values("pk")
    return [
        Section.objects.order_by().values(nth=Subquery(newest[nth : nth + 1])) for nth in range(PLACES + IN_A_COLUMN)
    ]


def _most_discussed(found: tuple[Found, ...]) -> tuple[int, ...]:
    since = timezone.now() - DISCUSSED_FOR
    discussed = [each for each in found if each.comments and each.published_at >= since]
    return tuple(each.pk for each in sorted(discussed, key=lambda each: -each.comments)[:MOST_DISCUSSED])


def _context(paper: int, found: tuple[Found, ...], discussed: tuple[int, ...]) -> dict[str, Any]:
    in_order = tuple(Listed(each.pk, each.version, each.comments, each.unpublish_at) for each in _arranged(found))
    context = newest_of(Listing(paper, in_order))
    articles = context["articles"]
    by_section = sorted(articles[PLACES:], key=lambda article: (article.section.order, article.section.name))
    by_pk = {article.pk: article for article in articles}
    return {
        **context,
        "lead": articles[0] if articles else None,
        "second_rank": articles[1:PLACES],
        "columns": [
            {"section": section, "articles": list(each)[:IN_A_COLUMN]}
            for section, each in groupby(by_section, key=lambda article: article.section)
        ],
        "most_discussed": [by_pk[pk] for pk in discussed if pk in by_pk],
    }


def _arranged(found: tuple[Found, ...]) -> list[Found]:
    """Whatever has a place at it, or at the next free one; the others, the newest first, in between."""
    placed = sorted((each for each in found if each.place), key=lambda each: each.place)
    others = [each for each in found if not each.place]
    arranged: list[Found] = []
    while placed or others:
        is_due = placed and placed[0].place <= len(arranged) + 1
        arranged.append((placed if is_due or not others else others).pop(0))
    return arranged
