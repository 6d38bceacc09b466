"""Search for near-duplicate comments of one day, which are clustered once there are enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from comments.db.compiled_query import ID_MARK, BoundQuery, CompiledQuery
from comments.models import Cluster, Comment, Shingle
from comments.text.fingerprints import MAX_KEYS, TextFingerprint

MIN_CLUSTER_SIZE = 3  # similar comments
MIN_SHORT_TEXT_CLUSTER_SIZE = 10  # short texts are often similar by chance
SHINGLE_RETENTION = timedelta(days=1)
DEVICE_WINDOW = timedelta(hours=1)
MAX_COMPARED = 10  # comments; those that share the most keys
MAX_DEVICES_COUNTED = 50

_MAX_SHINGLES_READ = MAX_COMPARED * MAX_KEYS


@dataclass(frozen=True)
class SimilarComments:
    """Comments that are similar to a new text, and the keys that they share with it.

    `repeated` also contains comments that are similar only because of shared quotations.
    """

    fingerprint: TextFingerprint
    comments: tuple[Comment, ...] = ()
    repeated: tuple[Comment, ...] = ()
    shared_keys: frozenset[int] = frozenset()

    @property
    def min_cluster_size(self) -> int:
        """Return the number of comments that make a cluster."""
        return MIN_SHORT_TEXT_CLUSTER_SIZE if self.fingerprint.is_short else MIN_CLUSTER_SIZE

    @property
    def cluster(self) -> int | None:
        """Return the id of the oldest cluster that contains one of the comments."""
        clusters = (comment.cluster for comment in self.comments)
        return min((cluster.pk for cluster in clusters if cluster and not cluster.is_attack), default=None)

    def count_other_devices(self, device: str | None) -> int:
        """Return how many other devices have posted similar comments within the hour, up to MAX_DEVICES_COUNTED.

        Return 0 while they are too few for a cluster.
        """
        since = timezone.now() - DEVICE_WINDOW
        if self.cluster:
            together = Comment.objects.filter(cluster=self.cluster, created_at__gt=since)
            devices = set(together.newest_first().values_list("device", flat=True)[:MAX_DEVICES_COUNTED])
        else:
            devices = {comment.device for comment in self.comments if comment.created_at > since}
        others = len(devices - {device})
        return others if others >= self.min_cluster_size - 1 else 0


def lock_names(fingerprint: TextFingerprint) -> list[str]:
    """Return the lock names for this text; take the locks before searching.

    Similar texts are then stored one at a time. Otherwise comments that are posted at the same instant would not find
    each other.
    """
    return [f"like {key}" for key in fingerprint.keys[:1]]


def bind_shingles(fingerprint: TextFingerprint) -> BoundQuery:
    return _SHINGLES_QUERY.bind_many(fingerprint.keys)


def find_similar(
    fingerprint: TextFingerprint, rows: Iterable[tuple[Any, ...]], *, edited: Comment | None = None
) -> SimilarComments:
    """Return the similar comments of the last day among the rows that `bind_shingles` has found."""
    since, besides = timezone.now() - SHINGLE_RETENTION, edited and edited.pk
    shingles = sorted((_ShingleRow(*row) for row in rows), reverse=True)
    found = [each for each in shingles if each.at > since and each.comment_id != besides][:_MAX_SHINGLES_READ]
    shared = Counter(trace.comment_id for trace in found)
    comments = Comment.objects.select_related("cluster").in_bulk(list(shared)) if found else {}
    nearest = sorted(comments, key=lambda pk: (-shared[pk], pk))[:MAX_COMPARED]
    repeated = {comments[pk]: _cached_fingerprint(comments[pk].text) for pk in nearest}
    repeated = {comment: stored for comment, stored in repeated.items() if fingerprint.repeats(stored)}
    similar = [comment for comment, stored in repeated.items() if fingerprint.is_similar(stored)]
    pks = {comment.pk for comment in similar}
    return SimilarComments(
        fingerprint, tuple(similar), tuple(repeated), frozenset(trace.key for trace in found if trace.comment_id in pks)
    )


@lru_cache(maxsize=100)  # during a wave of similar comments each new one is compared with the same comments
def _cached_fingerprint(text: str) -> TextFingerprint:
    return TextFingerprint.of(text)


class _ShingleRow(NamedTuple):
    pk: int
    key: int
    comment_id: int
    at: datetime


def _shingles(key: int) -> QuerySet[Shingle, tuple[Any, ...]]:
    return Shingle.objects.filter(key=key).order_by("-pk").values_list(*_ShingleRow._fields)[:_MAX_SHINGLES_READ]


_SHINGLES_QUERY = CompiledQuery(Shingle, _shingles, key=ID_MARK)


def new_shingles(comment: Comment, found: SimilarComments) -> list[Shingle]:
    """Return the shingles to store with the comment.

    Each key of a cluster is stored once, so that a search takes the same time among thousands of comments.
    """
    keys = found.fingerprint.keys
    return [
        Shingle(key=key, comment_id=comment.pk) for key in keys if not found.cluster or key not in found.shared_keys
    ]


def join_cluster(comment: Comment, found: SimilarComments) -> None:
    """Add the comment to the cluster of the similar comments, or create one.

    Call it in the transaction that stores the comment or its new text.
    """
    if not found.comments:
        return
    strays = [each.pk for each in found.comments if each.cluster_id is None]
    free = Comment.objects.filter(pk__in=strays, cluster=None).order_by("pk")
    taken = list(free.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)) if strays else []
    if found.cluster:
        cluster = Cluster.lock(found.cluster)
    elif len(taken) + 1 >= found.min_cluster_size:
        cluster = Cluster.objects.create()
    else:
        return
    cluster.add(comment.pk, *taken)


def reassign_cluster(comment: Comment, found: SimilarComments) -> None:
    """Move the comment to the cluster of its new text, or to no cluster; call it before the new text is stored."""
    if comment.cluster_id is None:
        Shingle.objects.bulk_create(new_shingles(comment, found))
        join_cluster(comment, found)
        comment.refresh_from_db(fields=["cluster", "is_collapsed"])
    elif comment.cluster and comment.cluster.is_attack:
        return  # it stays part of the attack, whatever its new text says
    elif comment.cluster_id not in {each.cluster_id for each in found.comments}:
        Cluster.lock(comment.cluster_id)
        Cluster.remove(comment)
        Shingle.objects.bulk_create([Shingle(key=key, comment=comment) for key in found.fingerprint.keys])


def delete_old_shingles() -> None:
    Shingle.objects.filter(at__lt=timezone.now() - SHINGLE_RETENTION).delete()
