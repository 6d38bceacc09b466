"""Related articles: articles with shared tags, then the newest of the section."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils import timezone

from articles.models import Article, Tag
from newsite.pages.listing import limited_ids

RELATED_COUNT = 4
MAX_CANDIDATES = 200  # newest articles with one of the tags
SLOT_SECONDS = 600  # limits how long an article may still be linked after it ceased to be public


def time_slot(pk: int) -> int:
    """Return a number that changes every ten minutes, at different times for different articles."""
    return (int(timezone.now().timestamp()) + pk * 7) // SLOT_SECONDS


def related_articles(article: Article, tags: Iterable[Tag]) -> list[Article]:
    """Return related articles in one query, regardless of how many articles share the tags."""
    tags = list(tags)
    others = Article.objects.published().exclude(pk=article.pk).newest_first()
    found = [limited_ids(others.filter(section=article.section_id), RELATED_COUNT)]
    if tags:
        tagged = Article.tags.through.objects.filter(tag__in=tags).values("article")
        found.append(limited_ids(others.filter(pk__in=tagged), MAX_CANDIDATES))
    shared = Count("tags", filter=Q(tags__in=tags))
    best = Article.objects.filter(pk__in=found[0].union(*found[1:])).annotate(shared=shared)
    best = best.order_by("-shared", "-published_at", "-pk")[:RELATED_COUNT]
    return list(best.only("headline", "day", "slug", "language", "published_at"))
