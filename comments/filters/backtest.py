"""Backtest of a word list entry, a block or score thresholds on the newest comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
import time
from typing import TYPE_CHECKING, Any

from django.db.models import Q, TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.filters.blocks import block_matches
from comments.filters.word_list import find_matches
from comments.models import BackgroundJob, Block, Comment, SitePolicy, WordListEntry
from comments.models.comment import CommentQuerySet
from comments.scoring.predict import score_texts
from comments.scoring.thresholds import over_thresholds
from comments.statuses import Status
from comments.text.links import extract_links
from comments.text.matcher import Matcher, MatcherEntry
from comments.text.patterns import EntryKind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NEWEST_CHOICES = [1_000, 10_000, 100_000]
STEP_SECONDS = 0.5  # delays other background jobs, such as emails, by so long
BATCH_SIZE = 200  # comments for each query
MAX_KEPT_PER_OUTCOME = 200  # for each outcome, so that much spam does not displace approved comments
RESULT_RETENTION = timedelta(days=7)  # it refers to readers' comments, and can be repeated in a minute

MatchFunction = Callable[[list[Comment]], Iterable[list[str] | None]]


class BacktestOutcome(TextChoices):
    """Outcome of a comment without the candidate."""

    APPROVED = "approved", gettext_lazy("approved by a moderator")
    APPROVED_BY_RULES = "by rule", gettext_lazy("approved by the rules, unreviewed")
    REJECTED = "rejected", gettext_lazy("rejected")
    SPAM = "spam", gettext_lazy("spam")
    PENDING = "pending", gettext_lazy("pending")
    WITHDRAWN = "withdrawn", gettext_lazy("deleted by author")

    @classmethod
    def of(cls, comment: Comment) -> BacktestOutcome:
        if comment.is_public():
            return cls.APPROVED if comment.reviewed_at else cls.APPROVED_BY_RULES
        return _OUTCOMES[Status(comment.status)]


_OUTCOMES = {
    Status.PENDING: BacktestOutcome.PENDING,
    Status.REJECTED: BacktestOutcome.REJECTED,
    Status.SPAM: BacktestOutcome.SPAM,
    Status.WITHDRAWN: BacktestOutcome.WITHDRAWN,
}
FALSE_POSITIVES = {BacktestOutcome.APPROVED}
TRUE_POSITIVES = {BacktestOutcome.REJECTED, BacktestOutcome.SPAM}


def start_backtest(
    candidate: WordListEntry | Block | SitePolicy, fields: dict[str, Any], newest: int, *, actor: User
) -> BackgroundJob:
    """Create a backtest job. `candidate` is validated, but may be unsaved.

    `fields` are the values of its form, used to fill the form in again.
    """
    title = _("What “%s” would have caught") % _subject_name(candidate)
    parameters = {"subject": candidate._meta.model_name, "pk": candidate.pk, "fields": fields, "newest": newest}
    return BackgroundJob.objects.create(
        kind=BackgroundJob.Kind.BACKTEST, title=title[:200], actor=actor, parameters=parameters
    )


def _subject_name(candidate: WordListEntry | Block | SitePolicy) -> str:
    return str(_("scores") if isinstance(candidate, SitePolicy) else candidate)


def run_backtest_step(job: BackgroundJob) -> bool:
    """Run one step of the job, from newest to older comments, and return whether it is complete."""
    catch, until = matcher_for(job), time.monotonic() + STEP_SECONDS
    if not job.cursor:
        job.total = _reader_comments()[: job.parameters["newest"]].count()
        job.result = {"caught": dict.fromkeys(BacktestOutcome.values, 0), "kept": []}
    while job.done < job.total:
        comments = list(_comments_after(job.cursor)[: min(BATCH_SIZE, job.total - job.done)])
        if not comments:  # comments have been deleted meanwhile
            job.total = job.done
            break
        for comment, words in zip(comments, catch(comments), strict=True):
            if words is not None:
                _record_match(job.result, comment)
        job.done += len(comments)
        job.cursor = {"at": comments[-1].created_at.isoformat(), "pk": comments[-1].pk}
        if time.monotonic() >= until:
            break
    return job.done >= job.total


def matcher_for(job: BackgroundJob) -> MatchFunction:
    """Return a function that matches a list of comments.

    For each comment it yields the matched words, or None if the candidate would not have caught it.
    """
    return _MATCHERS[job.parameters["subject"]](job.parameters["fields"])


def _entry_matcher(fields: dict[str, Any]) -> MatchFunction:
    matcher, is_domain = Matcher([MatcherEntry(0, fields["kind"], fields["value"])]), fields["kind"] == EntryKind.DOMAIN

    def catch(comment: Comment) -> list[str] | None:
        links = extract_links(comment.text) if is_domain else []
        return find_matches(matcher, comment.text, comment.name, links).get(0)

    return lambda comments: map(catch, comments)


def _block_matcher(fields: dict[str, Any]) -> MatchFunction:
    block = Block(kind=fields["kind"], value=fields["value"])
    block.key = block.lookup_key()
    return lambda comments: (block_matches(block, comment) for comment in comments)


def _threshold_matcher(fields: dict[str, Any]) -> MatchFunction:
    policy = SitePolicy(**{name: limit or None for name, limit in fields.items()})

    def catch(comments: list[Comment]) -> Iterator[list[str] | None]:
        for comment, scores in zip(comments, score_texts(comment.text for comment in comments), strict=True):
            hits = over_thresholds(comment.text, scores, policy)
            yield [word for hit in hits for word in hit.matched] if hits else None

    return catch


_MATCHERS = {"wordlistentry": _entry_matcher, "block": _block_matcher, "sitepolicy": _threshold_matcher}


def _reader_comments() -> CommentQuerySet:
    """Return comments by readers, newest first. Word list and blocks do not apply to staff."""
    return Comment.objects.filter(staff=None).newest_first()


def _comments_after(place: dict[str, Any]) -> CommentQuerySet:
    comments = _reader_comments().only(
        "text", "name", "name_key", "device", "network", "status", "reviewed_at", "created_at"
    )
    if not place:
        return comments
    at = parse_datetime(place["at"])
    return comments.filter(Q(created_at__lt=at) | Q(pk__lt=place["pk"]), created_at__lte=at)


def _record_match(result: dict[str, Any], comment: Comment) -> None:
    outcome = BacktestOutcome.of(comment)
    result["caught"][outcome] += 1
    if result["caught"][outcome] <= MAX_KEPT_PER_OUTCOME:
        result["kept"].append([comment.pk, outcome])
