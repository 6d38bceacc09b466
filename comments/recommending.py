"""Readers recommend comments: once a device, not their own, and a network has few voices."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comments.models import Comment, Conversation, Recommendation
from comments.readers import Reader, new_device

VOICES_OF_A_NETWORK = 5
LAG = timedelta(seconds=10)  # for so long public pages may show an older number


class NotRecommended(Exception):
    """Not done: the comment is not public, or the reader's own."""


@transaction.atomic
def recommend(pk: int, reader: Reader) -> str:
    """Idempotent. Returns the device to remember. Raises NotRecommended."""
    comment = _public(pk)
    device = reader.device or new_device()
    if comment.device == device:
        raise NotRecommended
    of_network = Recommendation.objects.filter(comment=comment, network=reader.network, counts=True)
    voices = len(of_network.values("pk")[:VOICES_OF_A_NETWORK])
    recommendation, is_new = Recommendation.objects.get_or_create(
        comment=comment,
        device=device,
        defaults={
            "network": reader.network,
            "counts": voices < VOICES_OF_A_NETWORK,
        },
    )
    if is_new and recommendation.counts:
        _count(comment, +1)
    return device


@transaction.atomic
def take_back(pk: int, reader: Reader) -> None:
    """Idempotent. Raises NotRecommended for a comment that is not public."""
    comment = _public(pk)
    own = Recommendation.objects.filter(comment=comment, device=reader.device or "").first()
    if own:
        own.delete()
        if own.counts:
            _count(comment, -1)


def has_recommended(comment: Comment, reader: Reader) -> bool:
    return bool(reader.device) and Recommendation.objects.filter(comment=comment, device=reader.device).exists()


def as_of(recommended_at: datetime | None) -> object:
    """What to keep a page under that shows numbers of recommendations.

    While they come in, a page holds for LAG; once none has come for that long, under the time of the last one.
    """
    now = timezone.now()
    if recommended_at and now - recommended_at < LAG:
        return int(now.timestamp() // LAG.total_seconds())
    return recommended_at


def _public(pk: int) -> Comment:
    """Behind the lock of its conversation, so that recommendations are counted one after another."""
    comments = Comment.objects.approved().filter(pk=pk)
    if article_id := comments.values_list("article_id", flat=True).first():
        Conversation.lock(article_id)
    comment = comments.first()
    if comment is None:
        raise NotRecommended
    return comment


def _count(comment: Comment, change: int) -> None:
    Comment.objects.filter(pk=comment.pk).update(recommendations=F("recommendations") + change)
    Conversation.objects.filter(article_id=comment.article_id).update(recommended_at=timezone.now())
