"""What a list entry, a block or a threshold would have caught of the newest comments, before it is switched on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
import time
from typing import TYPE_CHECKING, Any

from django.db.models import Q, TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.filters.blocks import caught_words
from comments.filters.word_list import found_by
from comments.models import Block, Comment, Job, ListEntry, SitePolicy
from comments.models.comment import CommentQuerySet
from comments.scoring.predict import scores_of
from comments.scoring.thresholds import over_thresholds
from comments.statuses import Status
from comments.text.links import links_in
from comments.text.matcher import Entry, Matcher
from comments.text.patterns import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NEWEST = [1_000, 10_000, 100_000]
SECONDS = 0.5  # of one step: letters wait that long
AT_ONCE = 200  # comments of one query
KEPT = 200  # of each fate: however much spam there is, what was approved is shown
FORGOTTEN_AFTER = timedelta(days=7)  # it lists readers' comments, and is made anew in a minute

Catch = Callable[[list[Comment]], Iterable[list[str] | None]]


class Fate(TextChoices):
    """What had become of a comment without the candidate."""

    APPROVED = "approved", gettext_lazy("approved by a moderator")
    BY_RULE = "by rule", gettext_lazy("approved by the rules, unreviewed")
    REJECTED = "rejected", gettext_lazy("rejected")
    SPAM = "spam", gettext_lazy("spam")
    WAITING = "waiting", gettext_lazy("pending")
    WITHDRAWN = "withdrawn", gettext_lazy("deleted by author")

    @classmethod
    def of(cls, comment: Comment) -> Fate:
        if comment.is_public():
            return cls.APPROVED if comment.looked_at else cls.BY_RULE
        return _FATES[Status(comment.status)]


_FATES = {
    Status.HELD: Fate.WAITING,
    Status.REJECTED: Fate.REJECTED,
    Status.SPAM: Fate.SPAM,
    Status.WITHDRAWN: Fate.WITHDRAWN,
}
FALSE = {Fate.APPROVED}
RIGHT = {Fate.REJECTED, Fate.SPAM}


def begin(candidate: ListEntry | Block | SitePolicy, fields: dict[str, Any], newest: int, *, by: User) -> Job:
    """`candidate` has been checked; it need not be saved. `fields` are those of its form, to fill it in again."""
    title = _("What “%s” would have caught") % _named(candidate)
    parameters = {"subject": candidate._meta.model_name, "pk": candidate.pk, "fields": fields, "newest": newest}
    return Job.objects.create(kind=Job.Kind.TRIAL, title=title[:200], by=by, parameters=parameters)


def _named(candidate: ListEntry | Block | SitePolicy) -> str:
    return str(_("scores") if isinstance(candidate, SitePolicy) else candidate)


def look_further(job: Job) -> bool:
    """A step of the job: from the newest comment to older ones. Whether it was the last."""
    catch, until = catch_of(job), time.monotonic() + SECONDS
    if not job.place:
        job.total = _of_readers()[: job.parameters["newest"]].count()
        job.result = {"caught": dict.fromkeys(Fate.values, 0), "kept": []}
    while job.done < job.total:
        comments = list(_behind(job.place)[: min(AT_ONCE, job.total - job.done)])
        if not comments:  # some have been deleted meanwhile
            job.total = job.done
            break
        for comment, words in zip(comments, catch(comments), strict=True):
            if words is not None:
                _note(job.result, comment)
        job.done += len(comments)
        job.place = {"at": comments[-1].created_at.isoformat(), "pk": comments[-1].pk}
        if time.monotonic() >= until:
            break
    return job.done >= job.total


def catch_of(job: Job) -> Catch:
    """Answers for each comment with its words that would have been found, or None if it would not have been caught."""
    return _CATCHES[job.parameters["subject"]](job.parameters["fields"])


def _catch_of_entry(fields: dict[str, Any]) -> Catch:
    matcher, is_domain = Matcher([Entry(0, fields["kind"], fields["value"])]), fields["kind"] == Kind.DOMAIN

    def catch(comment: Comment) -> list[str] | None:
        links = links_in(comment.text) if is_domain else []
        return found_by(matcher, comment.text, comment.name, links).get(0)

    return lambda comments: map(catch, comments)


def _catch_of_block(fields: dict[str, Any]) -> Catch:
    block = Block(kind=fields["kind"], value=fields["value"])
    block.key = block.looked_up_as()
    return lambda comments: (caught_words(block, comment) for comment in comments)


def _catch_of_thresholds(fields: dict[str, Any]) -> Catch:
    policy = SitePolicy(**{name: limit or None for name, limit in fields.items()})

    def catch(comments: list[Comment]) -> Iterator[list[str] | None]:
        for comment, scores in zip(comments, scores_of(comment.text for comment in comments), strict=True):
            hits = over_thresholds(comment.text, scores, policy)
            yield [word for hit in hits for word in hit.matched] if hits else None

    return catch


_CATCHES = {"listentry": _catch_of_entry, "block": _catch_of_block, "sitepolicy": _catch_of_thresholds}


def _of_readers() -> CommentQuerySet:
    """Staff are held to no list and no block."""
    return Comment.objects.filter(staff=None).newest()


def _behind(place: dict[str, Any]) -> CommentQuerySet:
    comments = _of_readers().only("text", "name", "name_key", "device", "network", "status", "looked_at", "created_at")
    if not place:
        return comments
    at = parse_datetime(place["at"])
    return comments.filter(Q(created_at__lt=at) | Q(pk__lt=place["pk"]), created_at__lte=at)


def _note(result: dict[str, Any], comment: Comment) -> None:
    fate = Fate.of(comment)
    result["caught"][fate] += 1
    if result["caught"][fate] <= KEPT:
        result["kept"].append([comment.pk, fate])
