"""What the rules may know about one submission, and what they may want of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from comments.statuses import Policy
from comments.text.impersonation import NameClaim


class Outcome(IntEnum):
    """What a rule wants, the more severe the higher."""

    PUBLISH = 0
    HOLD = 1
    SPAM = 2
    REFUSE = 3


@dataclass(frozen=True)
class DeviceRecord:
    """What a device has done here before. That of a new device is the default.

    `waits` is how many seconds until it may write again, 0 if it may now; `absent_days` is None for a new one.
    `approved_before` stops at the number that a rule needs. `near_duplicates` counts its own comments of the last day
    that are nearly the same as this one. `articles_with_same_link` counts the other articles under which it has linked
    to one of the same hosts lately; 0 for an established device.
    """

    wait_seconds: int = 0
    approved_before: int = 0
    is_established: bool = False
    has_recent_rejection: bool = False
    absent_days: int | None = None
    near_duplicates: int = 0
    articles_with_same_link: int = 0


class Proof(IntEnum):
    """What a reader has done to show that they are not a program."""

    NONE = 0
    WAITED = 1
    SOLVED = 2


@dataclass(frozen=True)
class Arrival:
    """Who else has arrived in the last minute, if this device is new: none of its comments has been approved yet.

    `is_attack`: far more new devices than usual are writing. `network_last_minute` counts those of the same network,
    `network_waited` those of them that waited instead of a proof of work.
    `is_crowded`: even those that solved a proof of work are too many. `proof` is looked at only where one is wanted.
    """

    is_new: bool = False
    is_attack: bool = False
    network_last_minute: int = 0
    network_waited: int = 0
    is_crowded: bool = False
    proof: Proof = Proof.NONE


@dataclass(frozen=True)
class FilterMatch:
    """A submission has run into something that the newsroom wrote down: an entry of the lists, a block.

    `entry` names its row ("wordlistentry:12"); `what` is for moderators, `refusal` for the reader of a refusal;
    `matched` are the reader's words, as they stand in the comment or in the name.
    """

    entry: str
    outcome: Outcome
    moderator_message: str
    reader_message: str
    matched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """All that the rules may know about one submission, gathered once.

    `since_rendered` is in seconds, and None when the form came without a time. `listed`, `blocks` and `over_thresholds`
    are empty for staff. `devices_alike` counts other devices that wrote nearly the same within the hour, 0 unless that
    is a raid.
    """

    text: str = ""
    name: str = ""
    link_count: int = 0
    policy: str = Policy.OPEN
    honeypot: str = ""
    seconds_since_rendered: float | None = 60.0
    network_last_minute: int = 0
    is_posted_elsewhere: bool = False
    is_staff: bool = False
    is_name_taken: bool = False
    name_claim: NameClaim = NameClaim.NOTHING
    device: DeviceRecord = DeviceRecord()
    arrival: Arrival = Arrival()
    similar_device_count: int = 0
    word_list_matches: tuple[FilterMatch, ...] = ()
    blocks: tuple[FilterMatch, ...] = ()
    over_thresholds: tuple[FilterMatch, ...] = ()
