"""A comment as another system has it, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
import hashlib
import json
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac

from comments.statuses import Status
from comments.text.mailboxes import normalize_mailbox

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_KEY_LENGTH = 40
_EMAIL_PREFIX = "mail"  # a device's id begins with a time; what begins so has none


@dataclass(frozen=True, slots=True)
class ImportedCommentData:
    """`key` and `parent` are what the other system calls it and the one that it replies to; `article` is ours.

    `wanted_id` is kept if it is free; 0: any will do. Text and name are clean already.
    """

    key: str
    article: int
    name: str
    text: str
    status: Status
    at: datetime
    parent: str = ""
    device: str = ""
    network: str = ""
    preferred_id: int = 0
    staff: User | None = None
    picked_at: datetime | None = None
    edited_at: datetime | None = None
    redacted_at: datetime | None = None

    def source_hash(self) -> str:
        """A hash of what may change there."""
        state = [self.article, self.name, self.text, self.status, self.at.timestamp()]
        return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:32]


def compute_key(*parts: object) -> str:
    """For what the other system has no id for, or a very long one."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:MAX_KEY_LENGTH]


def device_of_email(email: str) -> str:
    """Stands in for the device of whoever wrote under an e-mail address: a keyed hash of it, and nobody's cookie.

    So one sees at the desk what else the same person wrote, and cannot see the address.
    """
    if not email.strip():
        return ""
    return (
        _EMAIL_PREFIX
        + salted_hmac("comments.imports.email", normalize_mailbox(email), algorithm="sha256").hexdigest()[:28]
    )
