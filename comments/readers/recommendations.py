"""Readers recommend comments: once a device, not their own, and a network has few voices."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.identity import Reader, new_device
from comments.models import Comment, Conversation, Recommendation
from comments.readers.rate_limits import NotTaken

VOICES_OF_A_NETWORK = 5
KEPT_OF_A_NETWORK = 100  # rows, or whoever comes without a cookie could fill the table
REMEMBERED = 300
LAG = timedelta(seconds=10)  # for so long public pages may show an older number


@transaction.atomic
def recommend(pk: int, reader: Reader) -> str:
    """Idempotent. Returns the device to remember. Raises NotTaken."""
    comment = _public(pk)
    device = reader.device or new_device()
    if comment.device == device:
        raise NotTaken(_("You can’t recommend your own comment."))
    if has_recommended(comment, reader):
        return device
    of_network = Recommendation.objects.filter(comment=comment, network=reader.network)
    if len(of_network.values("pk")[:KEPT_OF_A_NETWORK]) >= KEPT_OF_A_NETWORK:
        raise NotTaken(_("This comment already has many recommendations from your network."))
    counts = len(of_network.filter(counts=True).values("pk")[:VOICES_OF_A_NETWORK]) < VOICES_OF_A_NETWORK
    Recommendation.objects.create(comment=comment, device=device, network=reader.network, counts=counts)
    if counts:
        _count(comment, +1)
    return device


@transaction.atomic
def take_back(pk: int, reader: Reader) -> None:
    """Idempotent. Raises NotTaken for a comment that is not public."""
    comment = _public(pk)
    own = Recommendation.objects.filter(comment=comment, device=reader.device or "").first()
    if own:
        _drop(own)


def forget_recommendations(device: str) -> None:
    """Takes back all that this device has ever recommended, also what is not public any more."""
    given = Recommendation.objects.filter(device=device).order_by("pk").values_list("pk", "comment__article_id")
    for pk, article_id in list(given):
        with transaction.atomic():
            Conversation.lock(article_id)
            if own := Recommendation.objects.filter(pk=pk).select_related("comment").first():
                _drop(own)


def _drop(own: Recommendation) -> None:
    """Behind the lock of its conversation."""
    own.delete()
    if own.counts and not _promote_another(own):
        _count(own.comment, -1)


def _promote_another(gone: Recommendation) -> bool:
    """Whether another voice of the same network counts in place of this one now. Of forgotten networks none is told
    from another.
    """
    if not gone.network:
        return False
    same = Recommendation.objects.filter(comment=gone.comment_id, network=gone.network, counts=False)
    next_one = same.order_by("at", "pk").first()
    return bool(next_one and same.filter(pk=next_one.pk).update(counts=True))


def has_recommended(comment: Comment, reader: Reader) -> bool:
    return bool(reader.device) and Recommendation.objects.filter(comment=comment, device=reader.device).exists()


def recommended_by(reader: Reader, article_id: int) -> list[Comment]:
    """The public ones under this article, the latest first; of very many the first few hundred."""
    own = Recommendation.objects.filter(device=reader.device or "", comment__article_id=article_id)
    latest = own.order_by("-at").select_related("comment")[:REMEMBERED]
    return [each.comment for each in latest if each.comment.is_public()]


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
        raise NotTaken(_("This comment has been removed."))
    return comment


def _count(comment: Comment, change: int) -> None:
    Comment.objects.filter(pk=comment.pk).update(recommendations=F("recommendations") + change)
    Conversation.objects.filter(article_id=comment.article_id).update(recommended_at=timezone.now())
