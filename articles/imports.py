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
        people = [[each.pk for each in self.authors], sorted(each.pk for each in self.tags)]
        return _hash([*state, self.section.pk, self.lead_image and self.lead_image.pk, self.slug, self.day, people])


@dataclass(frozen=True)
class ImportResult:
    article: Article | None
    outcome: ImportOutcome


@transaction.atomic
def import_articles(source: str, pieces: Iterable[ArticleData]) -> dict[str, ImportResult]:
    """Import a batch of articles. Return the results by key."""
    wanted = {piece.key: piece for piece in pieces}
    known = ImportRecord.find_many(source, ImportRecord.Kind.ARTICLE, list(wanted))
    ours = Article.objects.in_bulk([each.object_id for each in known.values()])
    result = {}
    for key, imported in known.items():
        result[key] = _update(wanted[key], imported, ours.get(imported.object_id))
    new = [piece for key, piece in wanted.items() if key not in known]
    return result | {key: ImportResult(article, ImportOutcome.NEW) for key, article in _create(source, new).items()}


def _update(piece: ArticleData, imported: ImportRecord, article: Article | None) -> ImportResult:
    if article is None:
        return ImportResult(None, ImportOutcome.DELETED_HERE)
    if imported.source_hash == piece.source_hash():
        return ImportResult(article, ImportOutcome.UNCHANGED)
    if imported.local_hash != article_hash(article):
        return ImportResult(article, ImportOutcome.KEPT_LOCAL)
    for name, value in _fields(piece).items():
        setattr(article, name, value)
    [article.slug] = _free_slugs([(piece.day, piece.slug or article.slug)], besides=article)
    article.day, article.first_published_at = piece.day, _first_published_at(piece)
    article.is_minor_change = True
    article.skip_history_when_saving = True
    article.save()
    article.bylines.all().delete()
    _add_bylines_and_tags([article], [piece])
    _record_revisions([article], [piece], kind="~")
    imported.source_hash, imported.local_hash = piece.source_hash(), article_hash(article)
    imported.save()
    return ImportResult(article, ImportOutcome.CHANGED)


def _create(source: str, pieces: list[ArticleData]) -> dict[str, Article]:
    slugs = _free_slugs([(piece.day, piece.slug or slug_from_headline(piece.headline)) for piece in pieces])
    articles = Article.objects.bulk_create(
        Article(**_fields(piece), slug=slug, day=piece.day, first_published_at=_first_published_at(piece))
        for piece, slug in zip(pieces, slugs, strict=True)
    )
    _add_bylines_and_tags(articles, pieces)
    for article in articles:
        if image_ids_in(article.body):
            BodyImage.follow(article)
    _record_revisions(articles, pieces, kind="+")
    ImportRecord.objects.bulk_create(
        ImportRecord(
            source=source,
            kind=ImportRecord.Kind.ARTICLE,
            key=piece.key,
            object_id=article.pk,
            source_hash=piece.source_hash(),
            local_hash=_hash(
                _hashed_fields(article, [each.pk for each in piece.authors], [each.pk for each in piece.tags])
            ),
        )
        for article, piece in zip(articles, pieces, strict=True)
    )
    return {piece.key: article for article, piece in zip(articles, pieces, strict=True)}


def _fields(piece: ArticleData) -> dict[str, Any]:
    names = ["headline", "section", "body", "standfirst", "description", "published_at", "unpublish_at", "lead_image"]
    names += ["is_ready", "updated_at"]
    fields = {name: getattr(piece, name) for name in names}
    return fields | ({"language": piece.language} if piece.language else {})


def _first_published_at(piece: ArticleData) -> datetime | None:
    at = piece.first_published_at or piece.published_at
    return at if at and at <= timezone.now() else None


def _add_bylines_and_tags(articles: list[Article], pieces: list[ArticleData]) -> None:
    """Add the authors, in order, as bylines. Replace the tags."""
    pairs = list(zip(articles, pieces, strict=True))
    Byline.objects.bulk_create(
        Byline(article=article, author=author, order=order)
        for article, piece in pairs
        for order, author in enumerate(dict.fromkeys(piece.authors))
    )
    Tagged = Article.tags.through
    Tagged.objects.filter(article__in=articles).delete()
    Tagged.objects.bulk_create(
        Tagged(article=article, tag=tag) for article, piece in pairs for tag in dict.fromkeys(piece.tags)
    )


def _record_revisions(articles: list[Article], pieces: list[ArticleData], *, kind: str) -> None:
    """Record a revision without an actor for each article."""
    tracked = [field.attname for field in Revision.tracked_fields]
    Revision.objects.bulk_create(
        Revision(
            history_type=kind,
            history_date=timezone.now(),
            history_change_reason="import",
            byline_snapshot=[[author.pk, author.name] for author in dict.fromkeys(piece.authors)],
            tag_snapshot=[[tag.pk, tag.name] for tag in dict.fromkeys(piece.tags)],
            **{name: getattr(article, name) for name in tracked},
        )
        for article, piece in zip(articles, pieces, strict=True)
    )


def _free_slugs(wanted: list[tuple[date | None, str]], *, besides: Article | None = None) -> list[str]:
    """Return slugs that are unique within their day. Append a number to a slug that is taken."""
    days = {day for day, _slug in wanted if day}
    others = Article.objects.filter(day__in=days).exclude(pk=besides.pk if besides else 0)
    taken = set(others.values_list("day", "slug")) if days else set()
    free = []
    for day, slug in wanted:
        number, candidate = 2, slug[:MAX_SLUG_LENGTH]
        while day and (day, candidate) in taken:
            candidate = f"{slug[: MAX_SLUG_LENGTH - 6]}-{number}"
            number += 1
        taken.add((day, candidate))
        free.append(candidate)
    return free


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
