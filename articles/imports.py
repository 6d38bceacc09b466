"""Articles of another system become ours: many at once, each once, and never over what editors changed here since."""

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
from django.utils.text import slugify

from articles.content.sanitizer import pictures_in
from articles.models import Article, Author, Byline, Illustration, Imported, Picture, Section, Tag, Version
from articles.models.article import SLUG_LENGTH

LONGEST_READ = 500  # characters of a headline that a slug is made of


class Fate(Enum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # changed there, but here as well: ours stays
    GONE = "gone"  # it was taken away here


@dataclass(frozen=True)
class Piece:
    """An article as it will be. `day` is that of its old address; the body is clean already.

    `first_published_at`, if it is not `published_at`.
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
    picture: Picture | None = None
    authors: tuple[Author, ...] = ()
    tags: tuple[Tag, ...] = ()

    def theirs(self) -> str:
        """A hash of all of it."""
        state = [str(value) for value in _fields(self).values()]
        people = [[each.pk for each in self.authors], sorted(each.pk for each in self.tags)]
        return _hash([*state, self.section.pk, self.picture and self.picture.pk, self.slug, self.day, people])


@dataclass(frozen=True)
class BroughtIn:
    article: Article | None
    fate: Fate


@transaction.atomic
def bring_in(source: str, pieces: Iterable[Piece]) -> dict[str, BroughtIn]:
    """By key."""
    wanted = {piece.key: piece for piece in pieces}
    known = Imported.known(source, Imported.Kind.ARTICLE, list(wanted))
    ours = Article.objects.in_bulk([each.object_id for each in known.values()])
    result = {}
    for key, imported in known.items():
        result[key] = _bring_up_to_date(wanted[key], imported, ours.get(imported.object_id))
    new = [piece for key, piece in wanted.items() if key not in known]
    return result | {key: BroughtIn(article, Fate.NEW) for key, article in _create(source, new).items()}


def _bring_up_to_date(piece: Piece, imported: Imported, article: Article | None) -> BroughtIn:
    if article is None:
        return BroughtIn(None, Fate.GONE)
    if imported.theirs == piece.theirs():
        return BroughtIn(article, Fate.UNCHANGED)
    if imported.ours != fingerprint(article):
        return BroughtIn(article, Fate.KEPT)
    for name, value in _fields(piece).items():
        setattr(article, name, value)
    [article.slug] = _free_slugs([(piece.day, piece.slug or article.slug)], besides=article)
    article.day, article.first_published_at = piece.day, _first_published_at(piece)
    article.is_minor_change = True
    article.skip_history_when_saving = True
    article.save()
    article.bylines.all().delete()
    _join([article], [piece])
    _record([article], [piece], kind="~")
    imported.theirs, imported.ours = piece.theirs(), fingerprint(article)
    imported.save()
    return BroughtIn(article, Fate.CHANGED)


def _create(source: str, pieces: list[Piece]) -> dict[str, Article]:
    slugs = _free_slugs([(piece.day, piece.slug or _slug_of(piece.headline)) for piece in pieces])
    articles = Article.objects.bulk_create(
        Article(**_fields(piece), slug=slug, day=piece.day, first_published_at=_first_published_at(piece))
        for piece, slug in zip(pieces, slugs, strict=True)
    )
    _join(articles, pieces)
    for article in articles:
        if pictures_in(article.body):
            Illustration.follow(article)
    _record(articles, pieces, kind="+")
    Imported.objects.bulk_create(
        Imported(
            source=source,
            kind=Imported.Kind.ARTICLE,
            key=piece.key,
            object_id=article.pk,
            theirs=piece.theirs(),
            ours=_hash(_state(article, [each.pk for each in piece.authors], [each.pk for each in piece.tags])),
        )
        for article, piece in zip(articles, pieces, strict=True)
    )
    return {piece.key: article for article, piece in zip(articles, pieces, strict=True)}


def _fields(piece: Piece) -> dict[str, Any]:
    names = ["headline", "section", "body", "standfirst", "description", "published_at", "unpublish_at", "picture"]
    names += ["is_ready", "updated_at"]
    fields = {name: getattr(piece, name) for name in names}
    return fields | ({"language": piece.language} if piece.language else {})


def _first_published_at(piece: Piece) -> datetime | None:
    at = piece.first_published_at or piece.published_at
    return at if at and at <= timezone.now() else None


def _join(articles: list[Article], pieces: list[Piece]) -> None:
    """With authors in their order, and tags."""
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


def _record(articles: list[Article], pieces: list[Piece], *, kind: str) -> None:
    """The first version in each one's history, or the next. Nobody here has written it."""
    tracked = [field.attname for field in Version.tracked_fields]
    Version.objects.bulk_create(
        Version(
            history_type=kind,
            history_date=timezone.now(),
            history_change_reason="import",
            people=[[author.pk, author.name] for author in dict.fromkeys(piece.authors)],
            subjects=[[tag.pk, tag.name] for tag in dict.fromkeys(piece.tags)],
            **{name: getattr(article, name) for name in tracked},
        )
        for article, piece in zip(articles, pieces, strict=True)
    )


def _free_slugs(wanted: list[tuple[date | None, str]], *, besides: Article | None = None) -> list[str]:
    """With a number behind those that another article of the day has."""
    days = {day for day, _slug in wanted if day}
    others = Article.objects.filter(day__in=days).exclude(pk=besides.pk if besides else 0)
    taken = set(others.values_list("day", "slug")) if days else set()
    free = []
    for day, slug in wanted:
        number, candidate = 2, slug[:SLUG_LENGTH]
        while day and (day, candidate) in taken:
            candidate = f"{slug[: SLUG_LENGTH - 6]}-{number}"
            number += 1
        taken.add((day, candidate))
        free.append(candidate)
    return free


def _slug_of(headline: str) -> str:
    return slugify(headline[:LONGEST_READ], allow_unicode=True)[:SLUG_LENGTH].rstrip("-") or "article"


def fingerprint(article: Article) -> str:
    """A hash of all that an editor may have changed."""
    authors = list(article.bylines.order_by("order", "pk").values_list("author", flat=True))
    return _hash(_state(article, authors, list(article.tags.values_list("pk", flat=True))))


def _state(article: Article, authors: list[int], tags: list[int]) -> list[Any]:
    names = ["headline", "section_id", "body", "standfirst", "description", "published_at", "unpublish_at"]
    names += ["picture_id", "slug", "day", "language", "is_ready"]
    return [*(getattr(article, name) for name in names), list(dict.fromkeys(authors)), sorted(set(tags))]


def _hash(state: Any) -> str:
    return hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()[:32]
