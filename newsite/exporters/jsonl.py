"""Export of the site as JSON lines, for other programs."""

from __future__ import annotations

from collections.abc import Iterator
import json
from typing import Any

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.core.serializers.json import DjangoJSONEncoder

from comments.models import Comment
from comments.statuses import Status
from newsite.exporters.records import ArticleExport, exported_text, image_url, iter_articles


def article_lines() -> Iterator[str]:
    return (_line(_article(whole)) for whole in iter_articles())


def comment_lines() -> Iterator[str]:
    rows = Comment.objects.select_related("staff").order_by("pk").iterator(1_000)
    return (_line(_comment(comment)) for comment in rows)


def redirect_lines() -> Iterator[str]:
    rows = Redirect.objects.filter(site_id=settings.SITE_ID).order_by("pk").values_list("old_path", "new_path")
    return (_line({"from": old, "to": new}) for old, new in rows.iterator(1_000))


def _article(whole: ArticleExport) -> dict[str, Any]:
    article = whole.article
    return {
        "id": article.pk,
        "address": article.get_absolute_url(),
        "headline": article.headline,
        "standfirst": article.standfirst,
        "body": whole.body(),
        "description": article.description,
        "lead_image": image_url(article.ready_lead_image),
        "section": article.section.name,
        "authors": [author.name for author in whole.authors],
        "tags": [tag.name for tag in article.tags.all()],
        "front_page_slot": whole.front_page_slot(),
        "language": article.language,
        "published_at": article.published_at,
        "unpublish_at": article.unpublish_at,
        "first_published_at": article.first_published_at,
        "updated_at": article.updated_at,
        "changed_at": article.changed_at,
        "is_ready": article.is_ready,
        "corrections": [{"at": each.at, "text": each.text} for each in article.corrections.all()],
        "comments": whole.policy,
        "comments_close_after_days": whole.closes_after,
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "article": comment.article_id,
        "in_reply_to": comment.parent_id,
        "name": comment.name,
        "text": exported_text(comment),
        "status": Status(comment.status).name.lower(),
        "written_at": comment.created_at,
        "edited_at": comment.edited_at,
        "picked_at": comment.picked_at,
        "redacted_at": comment.redacted_at,
        "is_staff": comment.staff_id is not None,
    }


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n"
