"""One comment in the moderation queue, with all data needed to judge it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import CharField, Prefetch, QuerySet, Value, prefetch_related_objects
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from comments.models import (
    AkismetRequest,
    Cluster,
    Comment,
    Decision,
    EarlierText,
    Note,
    Report,
    ReportCategory,
    SitePolicy,
)
from comments.models.comment import CommentQuerySet
from comments.moderation.redaction import hide_redacted_findings
from comments.queue.clusters import cluster_stamp, newest_in_cluster
from comments.scoring.predict import ExplainedScore, explain_scores
from comments.statuses import Policy, Status, closing_time, effective_policy

MAX_SIBLINGS = 5  # replies to the same comment that are shown with it
MAX_RECORD_COMMENTS = 500  # newest comments of a device or a network that are counted
MAX_REPORTS_SHOWN = 50  # newest reports

# Number of comments of a device or a network by status, among its newest MAX_RECORD_COMMENTS.
StatusCounts = list[tuple[str, int]]


# All fields of the comment. Loading all fields of seven related rows for each comment would take longer than the query.
_FIELDS = (
    *(field.name for field in Comment._meta.concrete_fields),
    *(f"article__{field}" for field in ("headline", "day", "slug", "published_at", "section__name")),
    *("article__conversation__policy", "article__conversation__closes_after"),
    *("claim__until", "claim__actor__username"),
    *(f"cluster__{field.name}" for field in Cluster._meta.concrete_fields),
)


def with_detail(comments: CommentQuerySet) -> CommentQuerySet:
    """Add the single rows of other tables that CommentDetail shows.

    Do not combine this with filters on other comments: PostgreSQL needs ten times as long to plan a query that joins
    the comment table three times as to execute it.
    """
    related = ("article__section", "article__conversation", "claim__actor", "cluster")
    policy, closes_after = SitePolicy.value("policy"), SitePolicy.value("closes_after")
    found = comments.select_related(*related).only(*_FIELDS)
    found = found.annotate(site_policy=policy, site_closes_after=closes_after, newest_in_cluster=newest_in_cluster())
    return found.annotate(question=AkismetRequest.latest_check()) if settings.AKISMET_KEY else found


@dataclass(frozen=True)
class TimelineItem:
    """One entry in the comment's context: a note, a reply, a report or an earlier text.

    `at` is the time of a note, a reply or a report, or the time until which the comment had an earlier text.
    `actor_name` is the author, or the member of staff who changed the text. `label` is the category of a report or the
    status of a reply.
    """

    at: datetime
    actor_name: str
    label: str
    text: str


@dataclass(frozen=True)
class CommentDetail:
    """One comment with all data that a moderator needs to judge it.

    `ancestors` are the first comment of the thread and the parent. `returnable_decisions` are the ids of the decisions
    whose status can be restored.
    """

    comment: Comment
    text: SafeString
    policy: str
    ancestors: list[TimelineItem]
    notes: list[TimelineItem]
    reports: list[TimelineItem]
    has_more_reports: bool
    earlier_texts: list[TimelineItem]
    siblings: list[TimelineItem]
    device: StatusCounts
    network: StatusCounts
    returnable_decisions: set[int]
    akismet: str
    explained_scores: list[ExplainedScore]
    cluster_stamp: str

    @classmethod
    def of(cls, comment: Comment, user: User) -> CommentDetail:
        """Load the detail as this moderator may see it.

        Four queries for a comment that was loaded through `with_detail`.
        """
        prefetch_related_objects([comment], Prefetch("decisions", Decision.objects.select_related("actor")))
        hide_redacted_findings(comment.decisions.all(), comment, user)
        findings = [finding for decision in comment.decisions.all() for finding in decision.findings]
        looks_like = [] if comment.staff_id else explain_scores(comment.text)
        remarks, records = _timeline(comment, user), _status_counts(device=comment.device, network=comment.network)
        return cls(
            comment=comment,
            text=highlight(
                comment.text,
                [words for finding in findings for words in finding.get("matched", [])],
                hints=[phrase for each in looks_like if each.is_likely for phrase in each.evidence.increasing],
            ),
            policy=_policy(comment),
            ancestors=remarks["ancestors"],
            siblings=remarks["siblings"],
            notes=remarks["notes"],
            reports=remarks["reports"][-MAX_REPORTS_SHOWN:],
            has_more_reports=len(remarks["reports"]) > MAX_REPORTS_SHOWN,
            earlier_texts=remarks["earlier_texts"],
            device=records["device"],
            network=records["network"],
            returnable_decisions=returnable_decisions(comment),
            akismet=_akismet(comment),
            explained_scores=looks_like,
            cluster_stamp=cluster_stamp(getattr(comment, "newest_in_cluster", None) or 0, timezone.now()),
        )


def _policy(comment: Comment) -> str:
    """Return the label of the policy for new comments on this article."""
    conversation = getattr(comment.article, "conversation", None)
    policy, days = (conversation.policy, conversation.closes_after) if conversation else (Policy.OPEN, None)
    site_policy = getattr(comment, "site_policy", None) or Policy.OPEN
    closes = closing_time(comment.article.published_at, days, getattr(comment, "site_closes_after", None))
    return str(Policy(effective_policy(policy, site_policy, closes=closes)).label)


def _akismet(comment: Comment) -> str:
    question = getattr(comment, "question", None)
    return AkismetRequest(**question).status_text() if question else ""


def returnable_decisions(comment: Comment) -> set[int]:
    """Return the ids of the latest decisions for each status that the comment does not have now."""
    if comment.is_withdrawn():
        return set()
    latest = {decision.to_status: decision.pk for decision in comment.decisions.all()}
    return {pk for status, pk in latest.items() if status not in {comment.status, Status.WITHDRAWN}}


def _timeline(comment: Comment, user: User) -> dict[str, list[TimelineItem]]:
    """Return the timeline items by section, oldest first, in one query."""
    empty = Value("")
    actor = Coalesce("actor__username", empty)
    notes = Note.objects.filter(comment=comment)
    earlier_texts = EarlierText.objects.filter(comment=comment).readable_by(user)
    state = Cast("status", CharField())
    around: dict[str, Any] = {
        "notes": notes.values_list(Value("notes"), "at", "actor__username", empty, "text"),
        "reports": _newest_reports(comment).values_list(Value("reports"), "at", empty, "complaint", "note"),
        "earlier_texts": earlier_texts.values_list(Value("earlier_texts"), "until", actor, empty, "text"),
        "ancestors": _ancestors(comment).values_list(Value("ancestors"), "created_at", "name", state, "text"),
        "siblings": _newest_siblings(comment).values_list(Value("siblings"), "created_at", "name", state, "text"),
    }
    first, *others = (rows.order_by() for rows in around.values())
    label = {str(choice.value): str(choice.label) for choice in (*ReportCategory, *Status)}
    remarks: dict[str, list[TimelineItem]] = {where: [] for where in around}
    for where, at, who, what, text in sorted(first.union(*others, all=True)):
        remarks[where].append(TimelineItem(at, who, label.get(what, ""), text))
    return remarks


def _ancestors(comment: Comment) -> CommentQuerySet:
    return Comment.objects.filter(pk__in=[pk for pk in (comment.thread_id, comment.parent_id) if pk])


def _newest_siblings(comment: Comment) -> CommentQuerySet:
    """Return other replies to the same parent. For the first comment of a thread, return its own replies."""
    siblings = Comment.objects.filter(parent=comment.parent_id or comment.pk).exclude(pk=comment.pk)
    return Comment.objects.filter(pk__in=siblings.newest_first().values("pk")[:MAX_SIBLINGS])


def _newest_reports(comment: Comment) -> QuerySet[Report]:
    """Return one report more than is shown.

    Selected by id, because SQLite does not accept LIMIT in a part of a union.
    """
    newest = Report.objects.filter(comment=comment).order_by("-at", "-pk").values("pk")
    return Report.objects.filter(pk__in=newest[: MAX_REPORTS_SHOWN + 1])


def _status_counts(**whose: str) -> dict[str, StatusCounts]:
    """Count comments by status for each device or network, in one query.

    The result is empty for an empty device or network.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for field, value in whose.items():
        if value:
            newest = Comment.objects.filter(**{field: value}).newest_first().values("status")[:MAX_RECORD_COMMENTS]
            sql, values = newest.query.sql_with_params()
            parts.append(f"SELECT '{field}', status, count(*) FROM ({sql}) AS {field} GROUP BY status")  # noqa: S608 (SQL generated by Django)
            parameters += values
    records: dict[str, StatusCounts] = {field: [] for field in whose}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), parameters)
            for field, status, number in sorted(cursor.fetchall()):
                records[field].append((str(Status(status).label), number))
    return records


def highlight(text: str, words: Iterable[str], *, hints: Iterable[str] = ()) -> SafeString:
    """Return the escaped text with these words marked.

    Words that are only hints get a different mark.
    """
    matched = {word for word in words if word}
    wanted = sorted(matched.union(hint for hint in hints if hint), key=len, reverse=True)
    if not wanted:
        return format_html("{}", text)
    parts = re.split(f"({'|'.join(_pattern(word, text) for word in wanted)})", text)
    pieces: list[str] = [escape(parts[0])]
    for word, rest in zip(parts[1::2], parts[2::2], strict=True):
        mark = "<mark>" if word in matched else '<mark class="hint">'
        pieces += [f"{mark}{escape(word)}</mark>", escape(rest)]
    return mark_safe("".join(pieces))


def _pattern(word: str, text: str) -> str:
    """Return a regular expression for the word.

    Match it as a whole word if the text has it as one: "the" must not match inside "there".
    """
    before = r"(?<!\w)" if _is_of_spaced_script(word[0]) else ""
    after = r"(?!\w)" if _is_of_spaced_script(word[-1]) else ""
    whole = f"{before}{re.escape(word)}{after}"
    return whole if re.search(whole, text) else re.escape(word)


def _is_of_spaced_script(character: str) -> bool:
    """Return whether the script has capitals. Such scripts separate words by spaces."""
    return character.upper() != character.lower()
