"""The table of an article's versions, which django-simple-history makes, and what is kept there of other tables."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from simple_history.signals import pre_create_historical_record

from articles.models.article import Article

Revision = Article.history.model


@receiver(pre_create_historical_record, sender=Revision)
def fill_revision_extra(instance: Article, history_instance: Any, **_kwargs: Any) -> None:
    """No rule, but simple-history's way to fill columns of one's own."""
    history_instance.byline_snapshot = [list(row) for row in instance.bylines.values_list("author_id", "author__name")]
    history_instance.tag_snapshot = [list(row) for row in instance.tags.values_list("pk", "name")]
