"""Import of articles from another system, in batches. It is idempotent and never overwrites local changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.content.sanitizer import image_ids_in
from articles.models import Article, Author, BodyImage, Byline, Image, ImportRecord, Revision, Section, Tag
from articles.models.article import MAX_SLUG_LENGTH, slug_from_headline


class ImportOutcome(Enum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT_LOCAL = "kept"  # changed in both systems: the local article stays
    DELETED_HERE = "gone"  # deleted in this system


@dataclass(frozen=True)
class ArticleData:
    """Article to import.

    The body is already sanitized. `day` is the day in the old URL. Set `first_published_at` only if it differs from
    `published_at`.
    """

    key: str
    headline: str
    section: Section
    body: str = ""
    standfirst: str = ""
    description: str = ""
    slug: str = ""
    day: date | None = None
    published_at: datetime | None = None
    unpublish_at: datetime | None = None
    first_published_at: datetime | None = None
    updated_at: datetime | None = None
    is_ready: bool = False
    language: str = ""
    lead_image: Image | None = None
    authors: tuple[Author, ...] = ()
    tags: tuple[Tag, ...] = ()

    def source_hash(self) -> str:
        """Return a hash of all fields."""
        state = [str(value) for value in _fields(self).values()]
        related = [[each.pk for each in self.authors], sorted(each.pk for each in self.tags)]
        return _hash([*state, self.section.pk, self.lead_image and self.lead_image.pk, self.slug, self.day, related])


@dataclass(frozen=True)
class ImportResult:
    article: Article | None
    outcome: ImportOutcome


@transaction.atomic
def import_articles(source: str, batch: Iterable[ArticleData]) -> dict[str, ImportResult]:
    """Import a batch of articles. Return the results by key."""
    data_by_key = {data.key: data for data in batch}
    records = ImportRecord.find_many(source, ImportRecord.Kind.ARTICLE, list(data_by_key))
    articles = Article.objects.in_bulk([each.object_id for each in records.values()])
    result = {}
    for key, record in records.items():
        result[key] = _update(data_by_key[key], record, articles.get(record.object_id))
    new = [data for key, data in data_by_key.items() if key not in records]
    return result | {key: ImportResult(article, ImportOutcome.NEW) for key, article in _create(source, new).items()}


def _update(data: ArticleData, record: ImportRecord, article: Article | None) -> ImportResult:
    if article is None:
        return ImportResult(None, ImportOutcome.DELETED_HERE)
    if record.source_hash == data.source_hash():
        return ImportResult(article, ImportOutcome.UNCHANGED)
    if record.local_hash != article_hash(article):
        return ImportResult(article, ImportOutcome.KEPT_LOCAL)
    for name, value in _fields(data).items():
        setattr(article, name, value)
    [article.slug] = _free_slugs([(data.day, data.slug or article.slug)], exclude=article)
    article.day, article.first_published_at = data.day, _first_published_at(data)
    article.is_minor_change = True
    article.skip_history_when_saving = True
    article.save()
    article.bylines.all().delete()
    _add_bylines_and_tags([article], [data])
    _record_revisions([article], [data], kind="~")
    record.source_hash, record.local_hash = data.source_hash(), article_hash(article)
    record.save()
    return ImportResult(article, ImportOutcome.CHANGED)


def _create(source: str, batch: list[ArticleData]) -> dict[str, Article]:
    slugs = _free_slugs([(data.day, data.slug or slug_from_headline(data.headline)) for data in batch])
    articles = Article.objects.bulk_create(
        Article(**_fields(data), slug=slug, day=data.day, first_published_at=_first_published_at(data))
        for data, slug in zip(batch, slugs, strict=True)
    )
    _add_bylines_and_tags(articles, batch)
    for article in articles:
        if image_ids_in(article.body):
            BodyImage.follow(article)
    _record_revisions(articles, batch, kind="+")
    ImportRecord.objects.bulk_create(
        ImportRecord(
            source=source,
            kind=ImportRecord.Kind.ARTICLE,
            key=data.key,
            object_id=article.pk,
            source_hash=data.source_hash(),
            local_hash=_hash(
                _hashed_fields(article, [each.pk for each in data.authors], [each.pk for each in data.tags])
            ),
        )
        for article, data in zip(articles, batch, strict=True)
    )
    return {data.key: article for article, data in zip(articles, batch, strict=True)}


def _fields(data: ArticleData) -> dict[str, Any]:
    names = ["headline", "section", "body", "standfirst", "description", "published_at", "unpublish_at", "lead_image"]
    names += ["is_ready", "updated_at"]
    fields = {name: getattr(data, name) for name in names}
    return fields | ({"language": data.language} if data.language else {})


def _first_published_at(data: ArticleData) -> datetime | None:
    at = data.first_published_at or data.published_at
    return at if at and at <= timezone.now() else None


def _add_bylines_and_tags(articles: list[Article], batch: list[ArticleData]) -> None:
    """Add the authors, in order, as bylines. Replace the tags."""
    pairs = list(zip(articles, batch, strict=True))
    Byline.objects.bulk_create(
        Byline(article=article, author=author, order=order)
        for article, data in pairs
        for order, author in enumerate(dict.fromkeys(data.authors))
    )
    ArticleTag = Article.tags.through
    ArticleTag.objects.filter(article__in=articles).delete()
    ArticleTag.objects.bulk_create(
        ArticleTag(article=article, tag=tag) for article, data in pairs for tag in dict.fromkeys(data.tags)
    )


def _record_revisions(articles: list[Article], batch: list[ArticleData], *, kind: str) -> None:
    """Record a revision without an actor for each article."""
    tracked = [field.attname for field in Revision.tracked_fields]
    Revision.objects.bulk_create(
        Revision(
            history_type=kind,
            history_date=timezone.now(),
            history_change_reason="import",
            byline_snapshot=[[author.pk, author.name] for author in dict.fromkeys(data.authors)],
            tag_snapshot=[[tag.pk, tag.name] for tag in dict.fromkeys(data.tags)],
            **{name: getattr(article, name) for name in tracked},
        )
        for article, data in zip(articles, batch, strict=True)
    )


def _free_slugs(candidates: list[tuple[date | None, str]], *, exclude: Article | None = None) -> list[str]:
    """Return slugs that are unique within their day. Append a number to a slug that is taken."""
    days = {day for day, _slug in candidates if day}
    other_articles = Article.objects.filter(day__in=days).exclude(pk=exclude.pk if exclude else 0)
    taken_slugs = set(other_articles.values_list("day", "slug")) if days else set()
    slugs = []
    for day, slug in candidates:
        number, slug_candidate = 2, slug[:MAX_SLUG_LENGTH]
        while day and (day, slug_candidate) in taken_slugs:
            slug_candidate = f"{slug[: MAX_SLUG_LENGTH - 6]}-{number}"
            number += 1
        taken_slugs.add((day, slug_candidate))
        slugs.append(slug_candidate)
    return slugs


def article_hash(article: Article) -> str:
    """Return a hash of all fields that an editor can change."""
    authors = list(article.bylines.order_by("order", "pk").values_list("author", flat=True))
    return _hash(_hashed_fields(article, authors, list(article.tags.values_list("pk", flat=True))))


def _hashed_fields(article: Article, authors: list[int], tags: list[int]) -> list[Any]:
    names = ["headline", "section_id", "body", "standfirst", "description", "published_at", "unpublish_at"]
    names += ["lead_image_id", "slug", "day", "language", "is_ready"]
    return [*(getattr(article, name) for name in names), list(dict.fromkeys(authors)), sorted(set(tags))]


def _hash(state: Any) -> str:
    return hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()[:32]
