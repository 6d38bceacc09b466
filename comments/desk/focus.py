"""One comment in focus at the moderators' desk, with all that is needed to judge it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
import re

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from comments.models import Comment, Decision, EarlierText, Note, SitePolicy
from comments.statuses import Policy, Status, strictest

AROUND = 5  # replies to the same comment that are shown with it
RECORDED = 500  # of a device or a network: the newest


@dataclass(frozen=True)
class Record:
    """How many comments a device or a network has, by state, the newest RECORDED of them."""

    counts: list[tuple[str, int]]

    @classmethod
    def of(cls, **whose: str) -> Record:
        if not all(whose.values()):
            return cls([])
        statuses = Comment.objects.filter(**whose).newest().values_list("status", flat=True)[:RECORDED]
        counted = Counter(statuses)
        return cls([(str(status.label), counted[status]) for status in Status if counted[status]])


_SAID_ABOUT_IT = (
    Prefetch("decisions", Decision.objects.select_related("by")),
    Prefetch("notes", Note.objects.select_related("by")),
    "reports",
)


@dataclass(frozen=True)
class Focus:
    """One comment with what a moderator needs to judge it. `returns` are the decisions that one can return to."""

    comment: Comment
    text: SafeString
    policy: str
    opening: Comment | None
    siblings: list[Comment]
    device: Record
    network: Record
    returns: set[int]

    @classmethod
    def of(cls, pk: int, user: User) -> Focus:
        """As this moderator may see it. Raises Comment.DoesNotExist."""
        earlier = Prefetch("earlier_texts", EarlierText.objects.visible_to(user).select_related("by"))
        related = ("article__section", "article__conversation", "parent", "thread", "staff", "claim__by")
        comment = Comment.objects.select_related(*related).prefetch_related(*_SAID_ABOUT_IT, earlier).get(pk=pk)
        opening = comment.thread if comment.thread_id != comment.parent_id else None
        siblings = Comment.objects.filter(parent=comment.parent_id or comment.pk).exclude(pk=pk).newest()[:AROUND]
        conversation = getattr(comment.article, "conversation", None)
        policies = [conversation.policy] if conversation else []
        findings = [finding for decision in comment.decisions.all() for finding in decision.findings]
        return cls(
            comment=comment,
            text=marked(comment.text, [words for finding in findings for words in finding.get("matched", [])]),
            policy=str(Policy(strictest(*policies, SitePolicy.current().policy)).label),
            opening=opening,
            siblings=list(siblings)[::-1],
            device=Record.of(device=comment.device),
            network=Record.of(network=comment.network),
            returns=returns(comment),
        )


def returns(comment: Comment) -> set[int]:
    """The decisions that one can return to: the latest for each state in which it is not."""
    if comment.is_withdrawn():
        return set()
    latest = {decision.now: decision.pk for decision in comment.decisions.all()}
    return {pk for status, pk in latest.items() if status not in {comment.status, Status.WITHDRAWN}}


def marked(text: str, words: Iterable[str]) -> SafeString:
    """The text with these words in it marked; escaped."""
    wanted = sorted({word for word in words if word}, key=len, reverse=True)
    if not wanted:
        return format_html("{}", text)
    parts = re.split(f"({'|'.join(map(re.escape, wanted))})", text)
    marks = format_html_join("", "<mark>{}</mark>{}", zip(parts[1::2], parts[2::2], strict=True))
    return format_html("{}{}", parts[0], marks)
