"""Every saved version of an article: written down, compared, brought back.

Who saved it is said by whoever saves it, never taken from a thread: `record` for a use case of several rows (the
admin), `article._history_user` for a plain save.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from articles.models import Article, Author, Picture, Section, Tag, Version
from articles.models.byline import write_bylines
from articles.models.revision import keep_beside

# What is brought back of an earlier version: what the article says, not where it stands and when it is public.
_RESTORED = ["headline", "standfirst", "body", "description", "language"]


def versions_of(article_id: int) -> QuerySet[Any]:
    """The newest first, each with who saved it."""
    versions: QuerySet[Any] = Version.objects.filter(id=article_id).select_related("history_user")
    return versions.order_by("-history_id")


def latest(article_id: int) -> Any:
    return versions_of(article_id).first()


def record(article: Article, *, by: AbstractBaseUser | None) -> Any:
    """The article as it stands now, with its bylines and tags, is a version. Whoever saved it did so without one;
    where that is nobody, it is the article as it was found.
    """
    fields = {field.attname: getattr(article, field.attname) for field in Version.tracked_fields}
    kind = "~" if Version.objects.filter(id=article.pk).exists() else "+"
    version = Version(
        history_type=kind, history_date=timezone.now() if by else article.changed_at, history_user=by, **fields
    )
    keep_beside(article, version)
    version.save()
    return version


@transaction.atomic
def restore(article: Article, version: Any, *, by: AbstractBaseUser) -> None:
    """Brings back what the article said then, as a new version. An author, a section that is gone since stays away."""
    for name in _RESTORED:
        setattr(article, name, getattr(version, name))
    article.section_id = _kept(Section, version.section_id) or article.section_id
    article.picture_id = _kept(Picture, version.picture_id)
    article.skip_history_when_saving = True
    article.save()
    write_bylines(
        article, {author: order for order, (author, _name) in enumerate(version.people) if _kept(Author, author)}
    )
    article.tags.set(Tag.objects.filter(pk__in=[tag for tag, _name in version.subjects]))
    record(article, by=by)
    del article.skip_history_when_saving


def _kept(model: type[Model], pk: int | None) -> int | None:
    return pk if model._default_manager.filter(pk=pk).exists() else None
