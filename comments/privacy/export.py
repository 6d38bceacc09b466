"""Export of one person's data as JSON.

It is for that person to read, so it omits what other people wrote and who decided.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from comments.models import Comment
from comments.privacy.data_subject import DataSubject


def export(person: DataSubject) -> dict[str, Any]:
    return {
        "site": settings.SITE_URL,
        "made_at": timezone.now(),
        "devices": sorted(person.devices),
        "addresses": sorted(person.addresses),
        "comments": [_comment(comment) for comment in person.comments().select_related("article")],
        "recommendations": _rows(person.recommendations(), "comment_id", "at", "device", "network"),
        "reports": _rows(person.reports(), "comment_id", "complaint", "note", "at", "device", "network"),
        "rate_limit_events": _rows(person.rate_limit_events(), "at", "device", "network"),
        "comments_as_new_device": _rows(person.new_device_posts(), "at", "article_id", "device", "network"),
        "subscriptions": _rows(
            person.subscriptions(), "address", "device", "decisions", "replies", "created_at", "confirmed_at"
        ),
        "notifications": _rows(
            person.notifications(), "kind", "state", "comment_id", "created_at", "due_at", "sent_at"
        ),
        "confirmation_requests": _rows(person.confirmation_requests(), "at", "device", "network"),
        "suppressed_addresses": _rows(person.suppressed_addresses(), "at"),
        "blocks": _rows(person.blocks(), "kind", "value", "outcome", "reason", "begins_at", "ends_at"),
        "backtests_of_blocks": [{"title": job.title, "at": job.requested_at} for job in person.backtests()],
    }


def _comment(comment: Comment) -> dict[str, Any]:
    own = ("pk", "name", "text", "created_at", "edited_at", "redacted_at", "picked_at", "anonymized_at", "parent_id")
    known = ("device", "network", "spam_score", "rejected_score", "recommendations")
    return {
        **{name: getattr(comment, name) for name in (*own, *known)},
        "article": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
        "status": comment.get_status_display(),
        "earlier_texts": _rows(comment.earlier_texts.all(), "text", "until"),
        "decisions": _rows(
            comment.decisions.all(), "at", "from_status", "to_status", "cause", "reason", "author_message", "findings"
        ),
        "notes": _rows(comment.notes.all(), "at", "text"),
        "reported": _rows(comment.reports.all(), "complaint", "at"),
        "akismet": _rows(comment.akismet_requests.all(), "kind", "state", "answer", "created_at", "finished_at"),
    }


def _rows(rows: QuerySet[Any], *columns: str) -> list[dict[str, Any]]:
    return list(rows.values(*columns))
