"""Subscription state and form on a reader's private pages."""

from __future__ import annotations

from typing import Any

from comments.models import Comment, Subscription
from comments.notifications.forms import SubscriptionForm


def subscription_context(device: str | None, *, form: SubscriptionForm | None = None) -> dict[str, Any]:
    """Return the context of `notifications/_subscription.html` for this device; empty for a reader without comments."""
    if not device:
        return {}
    subscription = Subscription.objects.filter(device=device).first()
    wishes = {"decisions": subscription.decisions, "replies": subscription.replies} if subscription else None
    return {"subscription": subscription, "form": form or SubscriptionForm(initial=wishes)}


def subscription_prompt(device: str | None, article_id: int) -> dict[str, Any]:
    """Return the form to show below this device's latest comment on the article; empty if already subscribed."""
    if not device:
        return {}
    own = (
        Comment.objects.filter(article_id=article_id, device=device)
        .newest_first()
        .values_list("thread_id", "pk")
        .first()
    )
    if own is None or Subscription.objects.filter(device=device).exists():
        return {}
    return {"form": SubscriptionForm(), "thread": own[0] or own[1]}
