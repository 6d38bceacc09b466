"""Comment from another system, in the terms of this project."""

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
_EMAIL_PREFIX = "mail"  # the id of a real device begins with a time


@dataclass(frozen=True, slots=True)
class ImportedCommentData:
    """Comment to import, with text and name already cleaned.

    `key` and `parent` are ids of the other system, `article` is an id of this site. `preferred_id` is used if it is
    free; 0 means any id.
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
        """Return a hash of the fields that may change at the source."""
        state = [self.article, self.name, self.text, self.status, self.at.timestamp()]
        return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:32]


def compute_key(*parts: object) -> str:
    """Return a key for a comment that has no id in the other system, or a very long one."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:MAX_KEY_LENGTH]


def device_of_email(email: str) -> str:
    """Return a keyed hash of the email address, as the device of an imported comment.

    Moderators see the other comments of the same person, but not the address. No cookie has such a value.
    """
    if not email.strip():
        return ""
    return (
        _EMAIL_PREFIX
        + salted_hmac("comments.imports.email", normalize_mailbox(email), algorithm="sha256").hexdigest()[:28]
    )
