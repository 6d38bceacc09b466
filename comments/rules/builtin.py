"""What may happen to a new comment: a list of rules, each a pure question about the facts.

To add a rule, write a function like those below in a module of yours and put its dotted path into the setting
COMMENT_RULES. A rule answers None when it has nothing to say, else a sentence: for moderators, or, if its outcome is
REFUSE, for the reader. A list of sentences is several findings. Every rule is asked, every finding is kept, and the
most severe outcome counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.rules.facts import Facts, FilterMatch, Outcome, Proof
from comments.statuses import Policy
from comments.text.impersonation import NameClaim

logger = logging.getLogger(__name__)

ESTABLISHED_MIN_APPROVED, ESTABLISHED_MIN_DAYS = (
    10,
    1,
)  # approved comments, all for a day; until then a device has less room
DEVICE_COMMENTS_PER_MINUTE, DEVICE_COMMENTS_PER_HOUR = 5, 30
YOUNG_DEVICE_COMMENTS_PER_MINUTE, YOUNG_DEVICE_COMMENTS_PER_HOUR = 3, 15
MAX_NEAR_DUPLICATES = 1  # comments of one device a day; short ones are repeated in good faith
MAX_SHORT_NEAR_DUPLICATES = 2
MAX_ARTICLES_WITH_SAME_LINK = 2  # of one young device; the third one is held
SAME_LINK_DAYS = 7
NETWORK_HOLD_PER_MINUTE = 60  # readers share addresses: a school, a carrier
NETWORK_NEW_DEVICES_PER_MINUTE = 10  # a minute; more of them solve a proof of work, which takes a second
NETWORK_WAITING_DEVICES = 10  # a minute, besides: those that wait instead are held
NETWORK_REFUSE_PER_MINUTE = 600  # a minute: nobody shares an address with so many who write
MIN_WRITING_SECONDS = 3  # seconds between the page and the comment
MAX_CLOCK_SKEW_SECONDS = 60  # seconds at most, those of our hosts
REJECTION_COUNTS_DAYS = 30
MAX_ABSENT_DAYS = 180
NAME_OWNER_MIN_APPROVED = 3  # approved comments by which a device makes a name its own


class RetryLater(str):
    """An answer of a refusing rule that a while will cure: the reader may come back after `retry_after` seconds."""

    retry_after: int

    def __new__(cls, text: str, *, retry_after: int) -> RetryLater:
        sentence = super().__new__(cls, text)
        sentence.retry_after = retry_after
        return sentence


class Challenge(str):
    """An answer of a refusing rule that a proof of work will cure."""


class MatchMessage(str):
    """An answer with an outcome of its own, that of the hit it speaks of."""

    match: FilterMatch

    def __new__(cls, hit: FilterMatch) -> MatchMessage:
        sentence = super().__new__(cls, hit.reader_message if hit.outcome == Outcome.REFUSE else hit.moderator_message)
        sentence.match = hit
        return sentence


Rule = Callable[[Facts], str | list[MatchMessage] | None]


@dataclass(frozen=True)
class Finding:
    """One rule that fired. `rule` is its dotted path; `entry` and `matched` are those of a Hit."""

    rule: str
    outcome: Outcome
    detail: str
    entry: str = ""
    matched: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        said = {"rule": self.rule, "outcome": self.outcome.name.lower(), "detail": str(self.detail)}
        return said | ({"entry": self.entry, "matched": list(self.matched)} if self.entry else {})


def rule(outcome: Outcome, *, is_limit: bool = False) -> Callable[[Rule], Rule]:
    """Make a function a rule.

    A limit is also asked before any work on the text is done, with facts that know only the policy, the network's last
    minute, whether staff write it, what the device has done before, and how many new devices arrive.
    """

    def mark(question: Rule) -> Rule:
        question.outcome, question.is_limit = outcome, is_limit  # type: ignore[attr-defined]  # what it stands for
        return question

    return mark


@cache
def load_rules(paths: tuple[str, ...]) -> tuple[Rule, ...]:
    """Raises ImproperlyConfigured for a path that leads to no rule."""
    found = []
    for path in paths:
        try:
            question = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"COMMENT_RULES names {path!r}, which cannot be imported: {error}.") from error
        if not hasattr(question, "outcome"):
            raise ImproperlyConfigured(f"COMMENT_RULES names {path!r}, which is not marked with @rule.")
        found.append(question)
    return tuple(found)


def run_rules(facts: Facts) -> list[Finding]:
    """Asks every rule in COMMENT_RULES; the findings stand in that order. A rule that breaks holds the comment."""
    return [finding for question in load_rules(tuple(settings.COMMENT_RULES)) for finding in _run_rule(question, facts)]


def run_limits(facts: Facts) -> list[Finding]:
    """Ask only the limits among the rules."""
    limits = (
        question for question in load_rules(tuple(settings.COMMENT_RULES)) if getattr(question, "is_limit", False)
    )
    return [finding for question in limits for finding in _run_rule(question, facts)]


def first_refusal(findings: Iterable[Finding]) -> Finding | None:
    return next((finding for finding in findings if finding.outcome == Outcome.REFUSE), None)


def _run_rule(question: Rule, facts: Facts) -> list[Finding]:
    path = f"{question.__module__}.{question.__name__}"
    try:
        said = question(facts)
    except Exception:  # whatever an operator's own rule may raise, a reader's comment is not lost to it
        logger.exception("Rule %s failed; the comment is held for a moderator.", path)
        return [Finding(rule=path, outcome=Outcome.HOLD, detail=_("This rule failed; see the log"))]
    if not said:
        return []
    outcome: Outcome = question.outcome  # type: ignore[attr-defined]  # by the mark above
    return [_finding(path, outcome, answer) for answer in (said if isinstance(said, list) else [said])]


def _finding(path: str, outcome: Outcome, answer: str) -> Finding:
    if isinstance(answer, MatchMessage):
        hit = answer.match
        return Finding(rule=path, outcome=hit.outcome, detail=answer, entry=hit.entry, matched=hit.matched)
    return Finding(rule=path, outcome=outcome, detail=answer)


def most_severe(findings: Iterable[Finding]) -> Outcome:
    return max((finding.outcome for finding in findings), default=Outcome.PUBLISH)


@rule(Outcome.REFUSE, is_limit=True)
def is_closed(facts: Facts) -> str | None:
    """The conversation is closed, or all are."""
    return _("Comments on this article are closed.") if facts.policy == Policy.CLOSED else None


@rule(Outcome.HOLD)  # or whatever the block says
def is_blocked(facts: Facts) -> list[MatchMessage]:
    """A moderator has blocked the device, the network, the name, or a domain that is linked."""
    return [MatchMessage(hit) for hit in facts.blocks]


@rule(Outcome.HOLD)  # or whatever the entry says
def is_on_a_list(facts: Facts) -> list[MatchMessage]:
    """Words and domains that editors list."""
    return [MatchMessage(hit) for hit in facts.word_list_matches]


@rule(Outcome.REFUSE, is_limit=True)
def device_is_too_fast(facts: Facts) -> str | None:
    """One person writes a few comments a minute at most."""
    if not facts.device.wait_seconds:
        return None
    minutes = -(-facts.device.wait_seconds // 60)
    wait = (
        ngettext("%d second", "%d seconds", facts.device.wait_seconds) % facts.device.wait_seconds
        if facts.device.wait_seconds <= 90
        else ngettext("%d minute", "%d minutes", minutes) % minutes
    )
    text = _("You’re posting too quickly. Please wait %s and try again.") % wait
    return RetryLater(text, retry_after=facts.device.wait_seconds)


@rule(Outcome.REFUSE, is_limit=True)
def network_floods(facts: Facts) -> str | None:
    """What comes without cookies is new devices, each with its own limits: the moderators' queue has an end, too."""
    if facts.network_last_minute < NETWORK_REFUSE_PER_MINUTE:
        return None
    text = _("There’s a lot of activity from your network. Please wait a minute and try again.")
    return RetryLater(text, retry_after=60)


@rule(Outcome.REFUSE, is_limit=True)
def needs_proof_of_work(facts: Facts) -> str | None:
    """Ask new devices for a proof of work while far more of them write than usual, on the site or from one network."""
    arrival = facts.arrival
    if not arrival.is_new or arrival.proof == Proof.SOLVED:
        return None
    if arrival.is_attack and arrival.proof == Proof.NONE:
        return Challenge(_("We’re getting far more comments than usual, so we’re checking every new reader."))
    if arrival.network_last_minute < NETWORK_NEW_DEVICES_PER_MINUTE:
        return None
    if arrival.proof == Proof.NONE or arrival.network_waited >= NETWORK_WAITING_DEVICES:
        return Challenge(_("Many new readers are posting from your network, so we’re checking each of them."))
    return None


@rule(Outcome.HOLD)
def came_in_an_attack(facts: Facts) -> str | None:
    """Hold new devices that waited instead of a proof of work, or that are too many all the same."""
    arrival = facts.arrival
    if arrival.is_new and arrival.proof == Proof.WAITED:
        return _("New device that waited instead of passing the browser check")
    is_one_of_too_many = arrival.is_new and arrival.is_attack and arrival.is_crowded
    return _("Too many new devices during an attack") if is_one_of_too_many else None


@rule(Outcome.HOLD)
def network_is_busy(facts: Facts) -> str | None:
    """Hold new devices of a network from which very many write. Readers share networks, so none is refused."""
    is_known = facts.device.approved_before > 0 and not facts.device.has_recent_rejection
    if facts.network_last_minute >= NETWORK_HOLD_PER_MINUTE and not is_known:
        return _("%d comments from this network in the past minute") % facts.network_last_minute
    return None


@rule(Outcome.HOLD)
def honeypot_is_filled(facts: Facts) -> str | None:
    """People do not see that field, but their browsers may fill it: a hint, not proof."""
    return _("Hidden field filled in: “%s”") % facts.honeypot[:60] if facts.honeypot else None


@rule(Outcome.HOLD)
def was_sent_too_fast(facts: Facts) -> str | None:
    """A hint only: the page may have come from a cache and be older than the reader's visit."""
    if facts.seconds_since_rendered is None:
        return _("Form had no timestamp")
    if (
        -MAX_CLOCK_SKEW_SECONDS < facts.seconds_since_rendered < MIN_WRITING_SECONDS
    ):  # if by more, the clock was set back meanwhile
        return _("Sent %.1f s after the page loaded") % max(facts.seconds_since_rendered, 0)
    return None


@rule(Outcome.HOLD)
def has_many_links(facts: Facts) -> str | None:
    """Hold comments with several links: most spam has them. An established device may use one more."""
    if facts.link_count >= settings.COMMENT_MAX_LINKS + facts.device.is_established:
        return ngettext("%d link", "%d links", facts.link_count) % facts.link_count
    return None


@rule(Outcome.HOLD)
def repeats_itself(facts: Facts) -> str | None:
    """The same text from this device or network under another article within a day."""
    return _("Same text posted under another article") if facts.is_posted_elsewhere else None


@rule(Outcome.HOLD)
def device_repeats_itself(facts: Facts) -> str | None:
    """Hold near-duplicates of a device's own comments: trust is no licence to post one text many times."""
    if not facts.device.near_duplicates:
        return None
    text = ngettext(
        "Almost identical to %d other comment from this device in the past day",
        "Almost identical to %d other comments from this device in the past day",
        facts.device.near_duplicates,
    )
    return text % facts.device.near_duplicates


@rule(Outcome.HOLD)
def device_spreads_a_link(facts: Facts) -> str | None:
    """Hold the third article under which a young device links to one host."""
    if facts.device.articles_with_same_link < MAX_ARTICLES_WITH_SAME_LINK:
        return None
    text = _("New device linked to the same site under %(count)d other articles in the past %(days)d days")
    return text % {"count": facts.device.articles_with_same_link, "days": SAME_LINK_DAYS}


@rule(Outcome.HOLD)
def looks_like_a_raid(facts: Facts) -> str | None:
    """Many hands that write nearly the same within the hour act together, or are one."""
    if not facts.similar_device_count:
        return None
    return _("Almost identical to comments from %d other devices in the past hour") % facts.similar_device_count


@rule(Outcome.HOLD)
def everything_is_held(facts: Facts) -> str | None:
    """An editor wants to see each comment of this conversation, or of the site, first."""
    return _("Comments here are pre-moderated") if facts.policy == Policy.HOLD else None


@rule(Outcome.HOLD)
def name_is_of_another(facts: Facts) -> str | None:
    """Readers know each other by name, so a name that somebody has made their own is not simply another's."""
    return _("Name already used by another device") if facts.is_name_taken else None


@rule(Outcome.HOLD)
def name_claims_the_newsroom(facts: Facts) -> str | None:
    """Readers could take it for the newsroom's word. Some people have such names: a moderator knows."""
    if facts.name_claim == NameClaim.STAFF_NAME:
        return _("Name contains that of a staff member or author")
    return _("Name claims a newsroom role") if facts.name_claim == NameClaim.ROLE else None


@rule(Outcome.HOLD)
def device_is_not_trusted(facts: Facts) -> str | None:
    """Trust is earned by approved comments, lost by a rejected one, and fades. Staff have it."""
    if facts.is_staff:
        return None
    if facts.device.has_recent_rejection:
        return _("Comment from this device rejected or marked as spam in the past %d days") % REJECTION_COUNTS_DAYS
    if facts.device.approved_before < settings.COMMENT_TRUSTED_AFTER:
        return _("Approved comments from this device so far: %d") % facts.device.approved_before
    if facts.device.absent_days is not None and facts.device.absent_days > MAX_ABSENT_DAYS:
        return _("Device not seen for %d days") % facts.device.absent_days
    return None
