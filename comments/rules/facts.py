"""Facts for the rules about one submission, and the outcomes of rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from comments.statuses import Policy
from comments.text.impersonation import NameClaim


class Outcome(IntEnum):
    """Outcome of a rule; a more severe outcome has a higher value."""

    PUBLISH = 0
    HOLD = 1
    SPAM = 2
    REFUSE = 3


@dataclass(frozen=True)
class DeviceRecord:
    """Record of what a device has posted before; the default is that of a new device.

    `wait_seconds` is the time until the device may post again, 0 if it may now. `absent_days` is `None` for a new
    device. `approved_before` stops at the number that a rule needs. `near_duplicates` counts the device's own similar
    comments of the last day. `articles_with_same_link` counts the other articles under which it has recently linked
    to one of the same hosts; it is 0 for an established device.
    """

    wait_seconds: int = 0
    approved_before: int = 0
    is_established: bool = False
    has_recent_rejection: bool = False
    absent_days: int | None = None
    near_duplicates: int = 0
    articles_with_same_link: int = 0


class Proof(IntEnum):
    """Proof of a reader that they are not a program."""

    NONE = 0
    WAITED = 1
    SOLVED = 2


@dataclass(frozen=True)
class Arrival:
    """Activity of other new devices in the last minute, if this device is new: it has no approved comment yet.

    `is_attack`: far more new devices than usual are posting. `network_last_minute` counts those of the same network,
    `network_waited` those of them that waited instead of solving a proof of work. `is_crowded`: even the devices that
    solved a proof of work are too many. `proof` is used only where one is required.
    """

    is_new: bool = False
    is_attack: bool = False
    network_last_minute: int = 0
    network_waited: int = 0
    is_crowded: bool = False
    proof: Proof = Proof.NONE


@dataclass(frozen=True)
class FilterMatch:
    """Match of a submission with a filter of the newsroom: a word list entry, a block or a threshold.

    `entry` names its row ("wordlistentry:12"). `moderator_message` is for moderators, `reader_message` for the reader
    of a refusal. `matched` are the reader's words as they are in the comment or in the name.
    """

    entry: str
    outcome: Outcome
    moderator_message: str
    reader_message: str
    matched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """All facts that rules may use about one submission, collected once.

    `seconds_since_rendered` is `None` if the form had no time. `word_list_matches`, `blocks` and `over_thresholds` are
    empty for staff. `similar_device_count` counts other devices that posted nearly the same within the hour; it is 0
    unless they are enough for a cluster.
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
