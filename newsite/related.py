"""What else there is to read under an article: what shares its tags, then the newest of its section."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils import timezone

from articles.models import Article, Tag
from articles.models.article import ArticleQuerySet

RELATED = 4
CANDIDATES = 200  # the newest with one of the tags
KEPT_FOR = 600  # seconds: for so long an article may still be named that is not public any more


def slot_of(pk: int) -> int:
    """Another one every ten minutes, not for all articles at once: what is related is looked for anew."""
    return (int(timezone.now().timestamp()) + pk * 7) // KEPT_FOR


def related_to(article: Article, tags: Iterable[Tag]) -> list[Article]:
    """One query, two if the tags do not lead to enough."""
    others = Article.objects.published().exclude(pk=article.pk)
    related: list[Article] = []
    if tags := list(tags):
        tagged = Article.tags.through.objects.filter(tag__in=tags).values("article")
        newest = others.filter(pk__in=tagged).newest()[:CANDIDATES]
        shared = Count("tags", filter=Q(tags__in=tags))
        best = Article.objects.filter(pk__in=newest.values("pk")).annotate(shared=shared)
        related = list(_short(best.order_by("-shared", "-published_at", "-pk"))[:RELATED])
    if len(related) < RELATED:
        of_section = others.filter(section=article.section_id).exclude(pk__in=[each.pk for each in related])
        related += _short(of_section.newest())[: RELATED - len(related)]
    return related


def _short(articles: ArticleQuerySet) -> ArticleQuerySet:
    return articles.only("headline", "day", "slug", "language", "published_at")
