"""Recommendations of comments by readers: one a device, not of its own comments, and few a network."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.identity import Reader, create_device_id
from comments.models import Comment, Conversation, Recommendation
from comments.readers.form_limit import FormRefused

MAX_COUNTED_PER_NETWORK = 5
MAX_STORED_PER_NETWORK = 100  # rows; otherwise clients without cookies could fill the table
MAX_LISTED = 300
MAX_COUNT_AGE = timedelta(seconds=10)  # how long public pages may show an older number


@transaction.atomic
def recommend(pk: int, reader: Reader) -> str:
    """Recommend the comment and return the device to set as cookie; repeated calls change nothing.

    Raise FormRefused for the reader's own comment, for a comment that is not public, and if the network has too
    many recommendations.
    """
    comment = _lock_public_comment(pk)
    device = reader.device or create_device_id()
    if comment.device == device:
        raise FormRefused(_("You can’t recommend your own comment."))
    if has_recommended(comment, reader):
        return device
    of_network = Recommendation.objects.filter(comment=comment, network=reader.network)
    if len(of_network.values("pk")[:MAX_STORED_PER_NETWORK]) >= MAX_STORED_PER_NETWORK:
        raise FormRefused(_("This comment already has many recommendations from your network."))
    counts = len(of_network.filter(is_counted=True).values("pk")[:MAX_COUNTED_PER_NETWORK]) < MAX_COUNTED_PER_NETWORK
    Recommendation.objects.create(comment=comment, device=device, network=reader.network, is_counted=counts)
    if counts:
        _change_count(comment, +1)
    return device


@transaction.atomic
def take_back(pk: int, reader: Reader) -> None:
    """Delete the recommendation of this device, if any; raise FormRefused if the comment is not public."""
    comment = _lock_public_comment(pk)
    own = Recommendation.objects.filter(comment=comment, device=reader.device or "").first()
    if own:
        _delete(own)


def delete_recommendations(device: str) -> None:
    """Delete all recommendations of this device, also those of comments that are no longer public."""
    given = Recommendation.objects.filter(device=device).order_by("pk").values_list("pk", "comment__article_id")
    for pk, article_id in list(given):
        with transaction.atomic():
            Conversation.lock(article_id)
            if own := Recommendation.objects.filter(pk=pk).select_related("comment").first():
                _delete(own)


def _delete(own: Recommendation) -> None:
    """Delete one recommendation; call it with the conversation locked."""
    own.delete()
    if own.is_counted and not _promote_another(own):
        _change_count(own.comment, -1)


def _promote_another(gone: Recommendation) -> bool:
    """Return whether another recommendation of the same network is now counted instead of the deleted one.

    Anonymized networks cannot be told apart, so nothing is counted instead.
    """
    if not gone.network:
        return False
    same = Recommendation.objects.filter(comment=gone.comment_id, network=gone.network, is_counted=False)
    next_one = same.order_by("at", "pk").first()
    return bool(next_one and same.filter(pk=next_one.pk).update(is_counted=True))


def has_recommended(comment: Comment, reader: Reader) -> bool:
    return bool(reader.device) and Recommendation.objects.filter(comment=comment, device=reader.device).exists()


def recommended_by(reader: Reader, article_id: int) -> list[Comment]:
    """Return the public comments under this article that the reader recommended, the latest first, up to MAX_LISTED."""
    own = Recommendation.objects.filter(device=reader.device or "", comment__article_id=article_id)
    latest = own.order_by("-at").select_related("comment")[:MAX_LISTED]
    return [each.comment for each in latest if each.comment.is_public()]


def recommendations_version(recommended_at: datetime | None) -> object:
    """Return the cache version of pages that show numbers of recommendations.

    While recommendations come in, a page is cached for MAX_COUNT_AGE. After a pause of that length the time of the
    last recommendation is the version.
    """
    now = timezone.now()
    if recommended_at and now - recommended_at < MAX_COUNT_AGE:
        return int(now.timestamp() // MAX_COUNT_AGE.total_seconds())
    return recommended_at


def _lock_public_comment(pk: int) -> Comment:
    """Lock the conversation of a public comment, so that recommendations are counted one after another.

    Raise FormRefused if the comment is not public.
    """
    comments = Comment.objects.approved().filter(pk=pk)
    if article_id := comments.values_list("article_id", flat=True).first():
        Conversation.lock(article_id)
    comment = comments.first()
    if comment is None:
        raise FormRefused(_("This comment has been removed."))
    return comment


def _change_count(comment: Comment, change: int) -> None:
    Comment.objects.filter(pk=comment.pk).update(recommendations=F("recommendations") + change)
    Conversation.objects.filter(article_id=comment.article_id).update(recommended_at=timezone.now())
