"""Revisions of articles: record, list and restore them.

The caller names the actor explicitly, never through thread-local state: with `record` if a use case saves several rows
(the admin), with `article._history_user` for a plain save.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from articles.models import Article, Author, Image, Revision, Section, Tag
from articles.models.byline import set_bylines
from articles.models.revision import fill_revision_extra

# Fields of the content. The slug and the times of publication are not restored.
_RESTORED_FIELDS = ["headline", "standfirst", "body", "description", "language"]


def revisions_of(article_id: int) -> QuerySet[Any]:
    """Return the revisions of an article with their users, newest first."""
    versions: QuerySet[Any] = Revision.objects.filter(id=article_id).select_related("history_user")
    return versions.order_by("-history_id")


def latest(article_id: int) -> Any:
    return revisions_of(article_id).first()


def record(article: Article, *, actor: AbstractBaseUser | None) -> Any:
    """Record the present state of the article, with its bylines and tags, as a revision.

    The caller must have saved the article without a revision. Without an actor, the revision is the state found in the
    database and gets the date of the article's last change.
    """
    fields = {field.attname: getattr(article, field.attname) for field in Revision.tracked_fields}
    kind = "~" if Revision.objects.filter(id=article.pk).exists() else "+"
    version = Revision(
        history_type=kind, history_date=timezone.now() if actor else article.changed_at, history_user=actor, **fields
    )
    fill_revision_extra(article, version)
    version.save()
    return version


@transaction.atomic
def restore(article: Article, version: Any, *, actor: AbstractBaseUser) -> None:
    """Restore the content of a revision as a new revision.

    Omit authors, tags and a lead image that were deleted since. Keep the present section if the old one was deleted.
    """
    for name in _RESTORED_FIELDS:
        setattr(article, name, getattr(version, name))
    article.section_id = _existing_pk(Section, version.section_id) or article.section_id
    article.lead_image_id = _existing_pk(Image, version.lead_image_id)
    article.skip_history_when_saving = True
    article.save()
    set_bylines(
        article,
        {
            author: order
            for order, (author, _name) in enumerate(version.byline_snapshot)
            if _existing_pk(Author, author)
        },
    )
    article.tags.set(Tag.objects.filter(pk__in=[tag for tag, _name in version.tag_snapshot]))
    record(article, actor=actor)
    del article.skip_history_when_saving


def _existing_pk(model: type[Model], pk: int | None) -> int | None:
    return pk if model._default_manager.filter(pk=pk).exists() else None
