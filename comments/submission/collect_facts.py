"""Facts for the rules about a submitted comment and its reader, collected once in pipelined queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
import hashlib
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

from articles.models import Article
from comments import rate_limits
from comments.classifier.scores import NO_SCORES, Scores
from comments.db import advisory_locks
from comments.db.compiled_query import ID_MARK, TEXT_MARK, TIME_MARK, BoundQuery, CompiledQuery, QueryResults
from comments.filters.blocks import BlockKeys, bind_blocks, block_keys, match_blocks
from comments.filters.word_list import match_word_list
from comments.identity import Reader
from comments.models import Comment, NewDevicePost, SitePolicy, WordListVersion
from comments.rules import builtin
from comments.rules.facts import Arrival, DeviceRecord, Facts
from comments.scoring.predict import load_scorer
from comments.scoring.thresholds import over_thresholds
from comments.statuses import Policy, closing_time, effective_policy
from comments.submission import attack_mode
from comments.submission.attack_mode import NewDeviceActivity
from comments.submission.device_history import DeviceHistory
from comments.submission.near_duplicates import SimilarComments
from comments.submission.proof_of_work import NO_PROOF, CheckedProof, check_proof, compute_purpose
from comments.text import confusables
from comments.text.impersonation import NameClaim
from comments.text.links import Link, extract_links

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SAME_TEXT_PERIOD = timedelta(days=1)
LOCK_TIMEOUT = timedelta(milliseconds=advisory_locks.LOCK_TIMEOUT_MS)  # for a device lock
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MAX_NAME_USES_READ = 500


@dataclass(frozen=True)
class SubmittedComment:
    """Validated form data of a new comment.

    `rendered_at` is `None` if the form had no time. `staff` is the logged-in author; `name` is then the display name of
    that user. `proof` and `ticket` are unchecked; `proof_of_work` checks them. `idempotency_key` is a random value
    that the page creates for each comment and sends again when the form is sent again; it is empty without
    JavaScript.
    """

    text: str
    name: str
    parent: Comment | None = None
    rendered_at: datetime | None = None
    honeypot: str = ""
    staff: User | None = None
    proof: str = ""
    ticket: str = ""
    idempotency_key: str = ""
    name_claim: NameClaim = NameClaim.NOTHING


@dataclass(frozen=True)
class FactCollector:
    """Facts about one submission: bind `queries`, run them together with others, then call `facts` with the results.

    To check the limits before expensive work, run `limit_queries` first and `other_queries` later.

    `edited` is the comment that gets this text. Its own history counts neither for nor against the text.
    """

    article_id: int
    submitted: SubmittedComment
    reader: Reader
    edited: Comment | None = None
    now: datetime = field(default_factory=timezone.now)

    def limit_queries(self) -> dict[str, BoundQuery]:
        """Return the queries for the limits, which may refuse the text before any work is done on it.

        They run together with the query that waits for the lock of the device. Other comments may be stored during
        the wait, so the queries allow for times up to the lock timeout.
        """
        reader, until = self.reader, self.now + LOCK_TIMEOUT
        limits = {
            "site": SitePolicy.bind_query(),
            "article": _ARTICLE_QUERY.bind(article=self.article_id),
            "network": _NETWORK_QUERY.bind(network=reader.network, since=self.now - MINUTE, now=until),
        }
        if self.history:
            limits |= self.history.limit_queries(until)
        if not self.submitted.staff and not self.edited:
            limits |= attack_mode.queries(self.now)
            if self._shown_proof.key:
                limits["used"] = _USED.bind(key=self._shown_proof.key)
        return limits

    def queries(self) -> dict[str, BoundQuery]:
        return {**self.limit_queries(), **self.other_queries()}

    def other_queries(self) -> dict[str, BoundQuery]:
        draft, now = self.submitted, self.now
        questions = {"text": _TEXT_QUERY.bind(text=hash_text(draft.text), since=now - SAME_TEXT_PERIOD)}
        if self.history and self.links:
            questions |= self.history.texts()
        if draft.staff:
            return questions
        return questions | {
            "name": _NAME_QUERY.bind(key=self.name_key),
            "blocks": bind_blocks(self.blockable),
            "list": WordListVersion.bind_query(),
        }

    def limit_facts(self, results: QueryResults) -> Facts:
        """Return the facts for the limits; all other facts have the values of an unknown reader and an empty text."""
        return Facts(
            policy=_current_policy(results, SitePolicy.of(results["site"])),
            network_last_minute=len(results["network"]),
            is_staff=self.submitted.staff is not None,
            device=self.history.record(results) if self.history else DeviceRecord(),
            arrival=self._arrival(results),
        )

    def facts(
        self, results: QueryResults, *, scores: Scores = NO_SCORES, similar: SimilarComments | None = None
    ) -> Facts:
        """Return all facts; `scores` are the scores of the text."""
        draft, policy = self.submitted, SitePolicy.of(results["site"])
        facts = replace(
            self.limit_facts(results),
            text=draft.text,
            name=draft.name,
            link_count=len(self.links),
            honeypot=draft.honeypot,
            seconds_since_rendered=(self.now - draft.rendered_at).total_seconds() if draft.rendered_at else None,
            is_posted_elsewhere=self._is_posted_elsewhere(results["text"]),
        )
        if self.history:
            facts = replace(facts, device=self.history.record_with_text(results, similar, self.links))
        if draft.staff:
            return facts
        return replace(
            facts,
            is_name_taken=self._is_name_taken(results["name"]),
            name_claim=draft.name_claim,
            similar_device_count=similar.count_other_devices(self.reader.device) if similar else 0,
            blocks=match_blocks(self.blockable, results["blocks"]),
            word_list_matches=match_word_list(
                draft.text, draft.name, self.links, version=WordListVersion.of(results["list"])
            ),
            over_thresholds=over_thresholds(draft.text, scores, policy),
        )

    def read_activity(self, results: QueryResults) -> NewDeviceActivity | None:
        """Return the activity of other new devices; None if this device is not new or edits a comment."""
        is_known = results.get("approved") and not results["punished"]
        if self.submitted.staff or self.edited or is_known:
            return None
        policy = SitePolicy.of(results["site"])
        return attack_mode.read_activity(results, self.reader, self.article_id, policy, purpose=self.purpose())

    def purpose(self) -> str:
        """Return the value that a proof of work for this comment is bound to."""
        draft = self.submitted
        parent_id = draft.parent.pk if draft.parent else None
        return compute_purpose(self.article_id, parent_id, draft.name, draft.text)

    def lock_names(self) -> list[str]:
        """Return the lock names of resources that only one submission at a time may use."""
        return [self._shown_proof.key] if self._shown_proof.key else []

    def unused_proof(self, results: QueryResults) -> CheckedProof:
        """Return the proof that came with the form, unless an earlier comment has used it."""
        return NO_PROOF if results.get("used") else self._shown_proof

    def _arrival(self, results: QueryResults) -> Arrival:
        activity = self.read_activity(results)
        if activity is None:
            return Arrival()
        return replace(activity.arrival(), proof=self.unused_proof(results).proof)

    @cached_property
    def _shown_proof(self) -> CheckedProof:
        if not (self.submitted.proof or self.submitted.ticket):
            return NO_PROOF
        return check_proof(self.submitted.proof, self.submitted.ticket, self.purpose())

    @cached_property
    def links(self) -> list[Link]:
        return list(extract_links(self.submitted.text))

    @cached_property
    def history(self) -> DeviceHistory | None:
        if not self.reader.device:
            return None
        return DeviceHistory(
            self.reader.device,
            self.article_id,
            self.now,
            edited=self.edited.pk if self.edited else 0,
            is_staff=self.submitted.staff is not None,
        )

    @cached_property
    def name_key(self) -> str:
        return confusables.confusable_key(self.submitted.name)

    @cached_property
    def blockable(self) -> BlockKeys:
        return block_keys(self.reader, self.submitted.name, self.links)

    def _is_name_taken(self, uses: Iterable[tuple[Any, ...]]) -> bool:
        """Return whether another device has made this name its own, and this device has not.

        Only the latest uses of the name are read.
        """
        if not self.name_key:
            return False
        by_device = Counter(device for (device,) in uses)
        mine = by_device.pop(self.reader.device or "", 0)
        return mine < builtin.NAME_OWNER_MIN_APPROVED and any(
            theirs >= builtin.NAME_OWNER_MIN_APPROVED for theirs in by_device.values()
        )

    def _is_posted_elsewhere(self, uses: Iterable[tuple[Any, ...]]) -> bool:
        return any(
            article != self.article_id
            and (self.reader.network == network or (self.reader.device is not None and self.reader.device == device))
            for article, network, device in uses
        )


def conversation_exists(results: QueryResults) -> bool:
    """Return whether the conversation has a row."""
    return results["article"][0][0] is not None


def _current_policy(results: QueryResults, site: SitePolicy) -> str:
    """Return the policy for a comment that is sent now."""
    _conversation, policy, closes_after, published_at = results["article"][0]
    closes = closing_time(published_at, closes_after, site.closes_after)
    return effective_policy(policy or Policy.OPEN, site.policy, closes=closes)


def _of_article(article: int) -> QuerySet[Article, tuple[Any, ...]]:
    fields = ("conversation", "conversation__policy", "conversation__closes_after", "published_at")
    return Article.objects.filter(pk=article).order_by().values_list(*fields)


def _of_network(network: str, since: datetime, now: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    recent = Comment.objects.filter(network=network, created_at__gt=since, created_at__lte=now)
    return recent.order_by().values_list("created_at")[
        : rate_limits.NETWORK_REFUSE_PER_MINUTE
    ]  # only their number is used


def _of_text(text: str, since: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
    same = Comment.objects.filter(text_hash=text, created_at__gt=since)
    return same.newest_first().values_list("article_id", "network", "device")[:1000]


def _under_name(key: str) -> QuerySet[Comment, tuple[Any, ...]]:
    uses = Comment.objects.approved().filter(name_key=key).exclude(device="")
    return uses.newest_first().values_list("device")[:MAX_NAME_USES_READ]


def _used(key: str) -> QuerySet[NewDevicePost, tuple[Any, ...]]:
    return NewDevicePost.objects.filter(proof_key=key).order_by().values_list("pk")


_NOW = TIME_MARK + MINUTE
_ARTICLE_QUERY = CompiledQuery(Article, _of_article, article=ID_MARK)
_NETWORK_QUERY = CompiledQuery(Comment, _of_network, network=TEXT_MARK, since=TIME_MARK, now=_NOW)
_TEXT_QUERY = CompiledQuery(Comment, _of_text, text=TEXT_MARK, since=TIME_MARK)
_NAME_QUERY = CompiledQuery(Comment, _under_name, key=TEXT_MARK)
_USED = CompiledQuery(NewDevicePost, _used, key=TEXT_MARK)


def scorer_for(draft: SubmittedComment) -> Callable[[], Scores]:
    """Load the scoring model before the transaction and return a function that scores the text.

    An error while loading cannot break the transaction this way. Call the function after the limits have been
    checked. Comments of staff are not scored.
    """
    return (lambda: NO_SCORES) if draft.staff else load_scorer(draft.text)


def hash_text(text: str) -> str:
    """Return a hash that ignores case and the amount of whitespace."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:32]
