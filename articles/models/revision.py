"""Model of revisions, which django-simple-history creates, and its extra columns."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from simple_history.signals import pre_create_historical_record

from articles.models.article import Article

Revision = Article.history.model


@receiver(pre_create_historical_record, sender=Revision)
def fill_revision_extra(instance: Article, history_instance: Any, **_kwargs: Any) -> None:
    """Set the extra columns of a revision. The arguments are those of simple-history's signal."""
    history_instance.byline_snapshot = [list(row) for row in instance.bylines.values_list("author_id", "author__name")]
    history_instance.tag_snapshot = [list(row) for row in instance.tags.values_list("pk", "name")]
