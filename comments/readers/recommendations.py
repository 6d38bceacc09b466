"""Readers recommend comments: once a device, not their own, and a network has few voices."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.identity import Reader, create_device_id
from comments.models import Comment, Conversation, Recommendation
from comments.readers.rate_limits import RequestRejected

MAX_COUNTED_PER_NETWORK = 5
MAX_STORED_PER_NETWORK = 100  # rows, or whoever comes without a cookie could fill the table
MAX_LISTED = 300
MAX_COUNT_AGE = timedelta(seconds=10)  # for so long public pages may show an older number


@transaction.atomic
def recommend(pk: int, reader: Reader) -> str:
    """Idempotent. Returns the device to remember. Raises NotTaken."""
    comment = _lock_public_comment(pk)
    device = reader.device or create_device_id()
    if comment.device == device:
        raise RequestRejected(_("You can’t recommend your own comment."))
    if has_recommended(comment, reader):
        return device
    of_network = Recommendation.objects.filter(comment=comment, network=reader.network)
    if len(of_network.values("pk")[:MAX_STORED_PER_NETWORK]) >= MAX_STORED_PER_NETWORK:
        raise RequestRejected(_("This comment already has many recommendations from your network."))
    counts = len(of_network.filter(is_counted=True).values("pk")[:MAX_COUNTED_PER_NETWORK]) < MAX_COUNTED_PER_NETWORK
    Recommendation.objects.create(comment=comment, device=device, network=reader.network, is_counted=counts)
    if counts:
        _change_count(comment, +1)
    return device


@transaction.atomic
def take_back(pk: int, reader: Reader) -> None:
    """Idempotent. Raises NotTaken for a comment that is not public."""
    comment = _lock_public_comment(pk)
    own = Recommendation.objects.filter(comment=comment, device=reader.device or "").first()
    if own:
        _delete(own)


def delete_recommendations(device: str) -> None:
    """Takes back all that this device has ever recommended, also what is not public any more."""
    given = Recommendation.objects.filter(device=device).order_by("pk").values_list("pk", "comment__article_id")
    for pk, article_id in list(given):
        with transaction.atomic():
            Conversation.lock(article_id)
            if own := Recommendation.objects.filter(pk=pk).select_related("comment").first():
                _delete(own)


def _delete(own: Recommendation) -> None:
    """Behind the lock of its conversation."""
    own.delete()
    if own.is_counted and not _promote_another(own):
        _change_count(own.comment, -1)


def _promote_another(gone: Recommendation) -> bool:
    """Whether another voice of the same network counts in place of this one now. Of forgotten networks none is told
    from another.
    """
    if not gone.network:
        return False
    same = Recommendation.objects.filter(comment=gone.comment_id, network=gone.network, is_counted=False)
    next_one = same.order_by("at", "pk").first()
    return bool(next_one and same.filter(pk=next_one.pk).update(is_counted=True))


def has_recommended(comment: Comment, reader: Reader) -> bool:
    return bool(reader.device) and Recommendation.objects.filter(comment=comment, device=reader.device).exists()


def recommended_by(reader: Reader, article_id: int) -> list[Comment]:
    """The public ones under this article, the latest first; of very many the first few hundred."""
    own = Recommendation.objects.filter(device=reader.device or "", comment__article_id=article_id)
    latest = own.order_by("-at").select_related("comment")[:MAX_LISTED]
    return [each.comment for each in latest if each.comment.is_public()]


def recommendations_version(recommended_at: datetime | None) -> object:
    """What to keep a page under that shows numbers of recommendations.

    While they come in, a page holds for LAG; once none has come for that long, under the time of the last one.
    """
    now = timezone.now()
    if recommended_at and now - recommended_at < MAX_COUNT_AGE:
        return int(now.timestamp() // MAX_COUNT_AGE.total_seconds())
    return recommended_at


def _lock_public_comment(pk: int) -> Comment:
    """Behind the lock of its conversation, so that recommendations are counted one after another."""
    comments = Comment.objects.approved().filter(pk=pk)
    if article_id := comments.values_list("article_id", flat=True).first():
        Conversation.lock(article_id)
    comment = comments.first()
    if comment is None:
        raise RequestRejected(_("This comment has been removed."))
    return comment


def _change_count(comment: Comment, change: int) -> None:
    Comment.objects.filter(pk=comment.pk).update(recommendations=F("recommendations") + change)
    Conversation.objects.filter(article_id=comment.article_id).update(recommended_at=timezone.now())
