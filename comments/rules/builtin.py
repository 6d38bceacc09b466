"""The rules of the site. Each is a pure function of the facts; comments/rules/engine.py says how to add one."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments import rate_limits
from comments.rules.engine import Challenge, MatchMessage, RetryLater, rule
from comments.rules.facts import Facts, Outcome, Proof
from comments.statuses import Policy
from comments.text.impersonation import NameClaim

# Approved comments and days since the last of them was approved; before that a device has lower limits.
ESTABLISHED_MIN_APPROVED, ESTABLISHED_MIN_DAYS = (10, 1)
MAX_NEAR_DUPLICATES = 1  # a day and device; short texts are often repeated in good faith
MAX_SHORT_NEAR_DUPLICATES = 2
MAX_ARTICLES_WITH_SAME_LINK = 2  # of one young device; the next article is held
SAME_LINK_DAYS = 7
MIN_WRITING_SECONDS = 3  # between the page and the comment
MAX_CLOCK_SKEW_SECONDS = 60  # maximum difference between the clocks of our hosts
REJECTION_COUNTS_DAYS = 30
MAX_ABSENT_DAYS = 180
NAME_OWNER_MIN_APPROVED = 3  # from this number on a name belongs to a device


@rule(Outcome.REFUSE, is_limit=True)
def is_closed(facts: Facts) -> str | None:
    """Refuse comments while the conversation or the whole site is closed."""
    return _("Comments on this article are closed.") if facts.policy == Policy.CLOSED else None


@rule(Outcome.HOLD)  # or the outcome of the block
def is_blocked(facts: Facts) -> list[MatchMessage]:
    """Hold or refuse comments of blocked devices, networks or names, or with links to blocked domains."""
    return [MatchMessage(hit) for hit in facts.blocks]


@rule(Outcome.HOLD)  # or the outcome of the entry
def matches_word_list(facts: Facts) -> list[MatchMessage]:
    """Hold, refuse or mark as spam comments with words or link domains of the word list."""
    return [MatchMessage(hit) for hit in facts.word_list_matches]


@rule(Outcome.REFUSE, is_limit=True)
def device_is_too_fast(facts: Facts) -> str | None:
    """Refuse comments of a device that sends more than a few a minute."""
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
    """Refuse comments of a network with far too many, since clients without cookies are a new device each time."""
    if facts.network_last_minute < rate_limits.NETWORK_REFUSE_PER_MINUTE:
        return None
    text = _("There’s a lot of activity from your network. Please wait a minute and try again.")
    return RetryLater(text, retry_after=60)


@rule(Outcome.REFUSE, is_limit=True)
def needs_proof_of_work(facts: Facts) -> str | None:
    """Ask new devices for a proof of work while far more of them post than usual, on the site or from one network."""
    arrival = facts.arrival
    if not arrival.is_new or arrival.proof == Proof.SOLVED:
        return None
    if arrival.is_attack and arrival.proof == Proof.NONE:
        return Challenge(_("We’re getting far more comments than usual, so we’re checking every new reader."))
    if arrival.network_last_minute < rate_limits.NETWORK_NEW_DEVICES_PER_MINUTE:
        return None
    if arrival.proof == Proof.NONE or arrival.network_waited >= rate_limits.NETWORK_WAITING_DEVICES:
        return Challenge(_("Many new readers are posting from your network, so we’re checking each of them."))
    return None


@rule(Outcome.HOLD)
def came_in_an_attack(facts: Facts) -> str | None:
    """Hold comments of new devices that waited instead of solving a proof of work, or that are too many."""
    arrival = facts.arrival
    if arrival.is_new and arrival.proof == Proof.WAITED:
        return _("New device that waited instead of passing the browser check")
    is_one_of_too_many = arrival.is_new and arrival.is_attack and arrival.is_crowded
    return _("Too many new devices during an attack") if is_one_of_too_many else None


@rule(Outcome.HOLD)
def network_is_busy(facts: Facts) -> str | None:
    """Hold comments of new devices while their network posts very many; readers share networks, so none is refused."""
    is_known = facts.device.approved_before > 0 and not facts.device.has_recent_rejection
    if facts.network_last_minute >= rate_limits.NETWORK_HOLD_PER_MINUTE and not is_known:
        return _("%d comments from this network in the past minute") % facts.network_last_minute
    return None


@rule(Outcome.HOLD)
def honeypot_is_filled(facts: Facts) -> str | None:
    """Hold comments with a filled honeypot; browsers may fill it too, so this is a hint and not a proof."""
    return _("Hidden field filled in: “%s”") % facts.honeypot[:60] if facts.honeypot else None


@rule(Outcome.HOLD)
def was_sent_too_fast(facts: Facts) -> str | None:
    """Hold comments sent within seconds; this is only a hint, because the page may have come from a cache."""
    if facts.seconds_since_rendered is None:
        return _("Form had no timestamp")
    if (
        -MAX_CLOCK_SKEW_SECONDS < facts.seconds_since_rendered < MIN_WRITING_SECONDS
    ):  # beyond that the clock was set back
        return _("Sent %.1f s after the page loaded") % max(facts.seconds_since_rendered, 0)
    return None


@rule(Outcome.HOLD)
def has_many_links(facts: Facts) -> str | None:
    """Hold comments with several links, because most spam has them; an established device may use one more."""
    if facts.link_count >= settings.COMMENT_MAX_LINKS + facts.device.is_established:
        return ngettext("%d link", "%d links", facts.link_count) % facts.link_count
    return None


@rule(Outcome.HOLD)
def repeats_itself(facts: Facts) -> str | None:
    """Hold a text that this device or network posted under another article within a day."""
    return _("Same text posted under another article") if facts.is_posted_elsewhere else None


@rule(Outcome.HOLD)
def device_repeats_itself(facts: Facts) -> str | None:
    """Hold near-duplicates of the device's own comments, even from trusted devices."""
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
    """Hold comments in which a young device links to the same host under a third article."""
    if facts.device.articles_with_same_link < MAX_ARTICLES_WITH_SAME_LINK:
        return None
    text = _("New device linked to the same site under %(count)d other articles in the past %(days)d days")
    return text % {"count": facts.device.articles_with_same_link, "days": SAME_LINK_DAYS}


@rule(Outcome.HOLD)
def belongs_to_cluster(facts: Facts) -> str | None:
    """Hold comments that are nearly the same as those of many other devices within the hour."""
    if not facts.similar_device_count:
        return None
    return _("Almost identical to comments from %d other devices in the past hour") % facts.similar_device_count


@rule(Outcome.HOLD)
def everything_is_held(facts: Facts) -> str | None:
    """Hold all comments while the conversation or the site is pre-moderated."""
    return _("Comments here are pre-moderated") if facts.policy == Policy.HOLD else None


@rule(Outcome.HOLD)
def name_is_of_another(facts: Facts) -> str | None:
    """Hold comments under a name that belongs to another device, because readers know each other by name."""
    return _("Name already used by another device") if facts.is_name_taken else None


@rule(Outcome.HOLD)
def name_claims_the_newsroom(facts: Facts) -> str | None:
    """Hold names that readers could take for the newsroom; some people have such names, so a moderator decides."""
    if facts.name_claim == NameClaim.STAFF_NAME:
        return _("Name contains that of a staff member or author")
    return _("Name claims a newsroom role") if facts.name_claim == NameClaim.ROLE else None


@rule(Outcome.HOLD)
def device_is_not_trusted(facts: Facts) -> str | None:
    """Hold comments of devices without enough approved comments, with a recent rejection, or after a long absence."""
    if facts.is_staff:
        return None
    if facts.device.has_recent_rejection:
        return _("Comment from this device rejected or marked as spam in the past %d days") % REJECTION_COUNTS_DAYS
    if facts.device.approved_before < settings.COMMENT_TRUST_AFTER_APPROVALS:
        return _("Approved comments from this device so far: %d") % facts.device.approved_before
    if facts.device.absent_days is not None and facts.device.absent_days > MAX_ABSENT_DAYS:
        return _("Device not seen for %d days") % facts.device.absent_days
    return None
