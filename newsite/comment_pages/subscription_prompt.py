"""What the private pages say of letters: who gets them, or the form to ask for them."""

from __future__ import annotations

from typing import Any

from comments.models import Comment, Subscription
from comments.notifications.forms import SubscriptionForm


def subscription_context(device: str | None, *, form: SubscriptionForm | None = None) -> dict[str, Any]:
    """What this device's letters are, for `letters/_letters.html`; empty for a reader who has never written."""
    if not device:
        return {}
    subscription = Subscription.objects.filter(device=device).first()
    wishes = {"decisions": subscription.decisions, "replies": subscription.replies} if subscription else None
    return {"subscription": subscription, "form": form or SubscriptionForm(initial=wishes)}


def subscription_prompt(device: str | None, article_id: int) -> dict[str, Any]:
    """To be shown under what this device wrote last on this article, as long as it gets no letters."""
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
