"""History of a device: the queries and the record that rules read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from comments import rate_limits
from comments.db.compiled_query import ID_MARK, TEXT_MARK, TIME_MARK, BoundQuery, CompiledQuery, QueryResults
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.rules import builtin
from comments.rules.facts import DeviceRecord
from comments.statuses import Status
from comments.submission.near_duplicates import SimilarComments
from comments.text.hosts import host_of, registered_domain
from comments.text.links import Link, extract_links

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class DeviceHistory:
    """Queries about one device, and the facts that follow from their results.

    `edited` is the id of the comment that is being edited, 0 for a new one. It counts neither for nor against itself.
    """

    device: str
    article_id: int
    now: datetime
    edited: int = 0
    is_staff: bool = False

    def limit_queries(self, until: datetime) -> dict[str, BoundQuery]:
        """Return the queries that need no work on the text; `until` includes the time of waiting for a lock."""
        own: dict[str, Any] = {"device": self.device, "edited": self.edited}
        punished_since = self.now - timedelta(days=builtin.REJECTION_COUNTS_DAYS)
        return {
            "times": _TIMES_QUERY.bind(**own, now=until),
            "approved": _approved_query(_approved_needed()).bind(**own),
            "punished": _REJECTIONS_QUERY.bind(**own, since=punished_since),
        }

    def texts(self) -> dict[str, BoundQuery]:
        """Return the query for earlier texts; needed only for a comment with links."""
        since = self.now - timedelta(days=builtin.SAME_LINK_DAYS)
        return {"texts": _TEXTS_QUERY.bind(device=self.device, edited=self.edited, since=since)}

    def record(self, results: QueryResults) -> DeviceRecord:
        """Return the record of the device from the results of `limit_queries`."""
        times, approved = [at for (at,) in results["times"]], [at for (at,) in results["approved"]]
        is_established = _is_established(approved, self.now)
        return DeviceRecord(
            wait_seconds=_seconds_to_wait(times, self.now, is_established=is_established or self.is_staff),
            approved_before=len(approved),
            is_established=is_established,
            has_recent_rejection=bool(results["punished"]),
            absent_days=(self.now - times[0]).days if times else None,
        )

    def record_with_text(
        self, results: QueryResults, similar: SimilarComments | None, links: Iterable[Link]
    ) -> DeviceRecord:
        """Return the record, with the facts about how the new text compares to earlier ones."""
        record = self.record(results)
        if self.is_staff:
            return record
        texts = () if record.is_established else results.get("texts", ())
        return replace(
            record,
            near_duplicates=_near_duplicates(similar, self.device),
            articles_with_same_link=self._articles_with_same_link(texts, links),
        )

    def _articles_with_same_link(self, texts: Iterable[tuple[Any, ...]], links: Iterable[Link]) -> int:
        """Return the number of other articles under which the device linked to a domain of this comment."""
        domains = _domains(links)
        if not domains:
            return 0
        articles = {
            article
            for article, text in texts
            if article != self.article_id and not domains.isdisjoint(_domains(extract_links(text)))
        }
        return len(articles)


def _domains(links: Iterable[Link]) -> set[str]:
    """Return the registered domains, without that of links to this site; unreadable hosts are one domain, ""."""
    hosts = {link.host for link in links} - {host_of(settings.SITE_URL)}
    return {registered_domain(host) for host in hosts}


def _is_established(approved: list[datetime], now: datetime) -> bool:
    """Return whether enough comments were approved long enough ago; `approved` is sorted oldest first."""
    since = now - timedelta(days=builtin.ESTABLISHED_MIN_DAYS)
    return len(approved) >= builtin.ESTABLISHED_MIN_APPROVED and approved[builtin.ESTABLISHED_MIN_APPROVED - 1] <= since


def _near_duplicates(similar: SimilarComments | None, device: str) -> int:
    """Return the number of the device's own similar comments of the last day, or 0 if they are below the limit.

    Comments that are similar only because of shared quotations count too.
    """
    if similar is None:
        return 0
    own = sum(comment.device == device for comment in similar.repeated)
    most = builtin.MAX_SHORT_NEAR_DUPLICATES if similar.fingerprint.is_short else builtin.MAX_NEAR_DUPLICATES
    return own if own >= most else 0


def _approved_needed() -> int:
    """Return the number of approved comments that the rules need at most; more are not counted."""
    return max(builtin.ESTABLISHED_MIN_APPROVED, settings.COMMENT_TRUST_AFTER_APPROVALS)


def _seconds_to_wait(times: list[datetime], now: datetime, *, is_established: bool) -> int:
    """Return the whole seconds until another comment is within both limits; `times` is sorted newest first."""
    young = (rate_limits.YOUNG_DEVICE_COMMENTS_PER_MINUTE, rate_limits.YOUNG_DEVICE_COMMENTS_PER_HOUR)
    per_minute, per_hour = (
        (rate_limits.DEVICE_COMMENTS_PER_MINUTE, rate_limits.DEVICE_COMMENTS_PER_HOUR) if is_established else young
    )
    free_again = [
        times[limit - 1] + window for limit, window in [(per_minute, MINUTE), (per_hour, HOUR)] if len(times) >= limit
    ]
    seconds = max(((at - now).total_seconds() for at in free_again), default=0)
    return max(0, -int(-seconds // 1))


def _device_comments(device: str, edited: int) -> CommentQuerySet:
    return Comment.objects.filter(device=device).exclude(pk=edited)


def _times(device: str, edited: int, now: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    # Ignores future rows after the clock was set back.
    past = _device_comments(device, edited).filter(created_at__lte=now)
    return past.newest_first().values_list("created_at")[: rate_limits.DEVICE_COMMENTS_PER_HOUR]


def _rejections(device: str, edited: int, since: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    """Find rejected and spam comments; a comment still counts after its author withdrew it."""
    punishing = [Status.REJECTED, Status.SPAM]
    withdrawn = Q(status=Status.WITHDRAWN, decisions__to_status=Status.WITHDRAWN, decisions__from_status__in=punishing)
    punished = _device_comments(device, edited).filter(Q(status__in=punishing) | withdrawn, decided_at__gte=since)
    return punished.order_by().values_list("pk")[:1]


def _texts(device: str, edited: int, since: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    recent = _device_comments(device, edited).filter(created_at__gt=since).newest_first()
    return recent.values_list("article_id", "text")[: rate_limits.DEVICE_COMMENTS_PER_HOUR]


@cache
def _approved_query(most: int) -> CompiledQuery:
    def approved(device: str, edited: int) -> QuerySet[Comment, tuple[Any, ...]]:
        return _device_comments(device, edited).approved().order_by("decided_at").values_list("decided_at")[:most]

    return CompiledQuery(Comment, approved, device=TEXT_MARK, edited=ID_MARK)


_TIMES_QUERY = CompiledQuery(Comment, _times, device=TEXT_MARK, edited=ID_MARK, now=TIME_MARK)
_REJECTIONS_QUERY = CompiledQuery(Comment, _rejections, device=TEXT_MARK, edited=ID_MARK, since=TIME_MARK)
_TEXTS_QUERY = CompiledQuery(Comment, _texts, device=TEXT_MARK, edited=ID_MARK, since=TIME_MARK)
