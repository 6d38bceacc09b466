"""Proof of work for new devices (ALTCHA protocol, version 2), or a waiting time for browsers without scripts.

The challenge is bound to the content that is sent and to the article. Its key is stored with the comment that used
it, and is accepted once. See https://altcha.org/docs/v2/ for the protocol.
"""

from __future__ import annotations

from datetime import timedelta
import json
import secrets
import time
from typing import NamedTuple

from altcha import Payload, create_challenge, verify_solution
from django.core import signing
from django.utils.crypto import salted_hmac

from comments.rules.facts import Proof

# A browser tries 256 keys on average. PBKDF2 is native in browsers, so an attacker's program is hardly faster.
ALGORITHM, ITERATIONS, PREFIX = "PBKDF2/SHA-256", 3_000, "00"
VALID_FOR = timedelta(minutes=10)  # shorter than the retention of NewDevicePost, which records used proofs
WAIT_SECONDS = 20
MAX_PAYLOAD_LENGTH = 4_000  # characters of a solution; a real one has 700
_SALT = "comments.submission.proof_of_work"


class CheckedProof(NamedTuple):
    """Result of checking the proof in a form.

    `key` identifies the challenge or the ticket; it is empty without a proof.
    """

    proof: Proof
    key: str


NO_PROOF = CheckedProof(Proof.NONE, "")


def compute_purpose(article_id: int, parent_id: int | None, name: str, text: str) -> str:
    """Return the value that a challenge is bound to, a keyed hash of the content."""
    content = json.dumps([article_id, parent_id, name, text])
    return salted_hmac(_SALT, content, algorithm="sha256").hexdigest()


def new_challenge(purpose: str) -> str:
    """Return a challenge as JSON, for the script of the page."""
    challenge = create_challenge(
        ALGORITHM,
        ITERATIONS,
        key_prefix=PREFIX,
        expires_at=int(time.time() + VALID_FOR.total_seconds()),
        data={"for": purpose},
        hmac_secret=_secret(),
    )
    return json.dumps(challenge.to_dict())


def issue_wait_ticket(purpose: str, earlier: str = "") -> tuple[str, int]:
    """Return a token with which the same comment can be sent later, and the seconds to wait.

    An `earlier` token whose wait is not over is returned again, so that an impatient reader does not have to start
    over. One whose wait is over was refused: it has been used.
    """
    if (signed_at := _signed_at(earlier, purpose)) is not None:
        seconds = WAIT_SECONDS - int(time.time() - signed_at)
        if seconds > 0:
            return earlier, seconds
    return signing.TimestampSigner(salt=_SALT).sign(f"{purpose}.{secrets.token_hex(8)}"), WAIT_SECONDS


def check_proof(payload: str, ticket: str, purpose: str) -> CheckedProof:
    """Check a solution, else a ticket.

    Malformed and expired values, and values for another purpose, count as no proof; no exception is raised.
    """
    if nonce := _solved(payload, purpose):
        return CheckedProof(Proof.SOLVED, _key(f"solved {nonce}"))
    return CheckedProof(Proof.WAITED, _key(f"waited {ticket}")) if _has_waited(ticket, purpose) else NO_PROOF


def _key(used: str) -> str:
    return salted_hmac(_SALT, used, algorithm="sha256").hexdigest()[:32]


def _solved(raw: str, purpose: str) -> str:
    """Return the nonce of the challenge that was solved, or an empty string."""
    if not raw or len(raw) > MAX_PAYLOAD_LENGTH:
        return ""
    try:
        payload = Payload.from_base64(raw)
        is_for_this = (payload.challenge.parameters.data or {}).get("for") == purpose
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    if not is_for_this or not verify_solution(payload, _secret()).verified:
        return ""
    return str(payload.challenge.parameters.nonce)


def _has_waited(ticket: str, purpose: str) -> bool:
    signed_at = _signed_at(ticket, purpose)
    return signed_at is not None and time.time() - signed_at >= WAIT_SECONDS


def _signed_at(ticket: str, purpose: str) -> int | None:
    """Return the second in which a ticket was made; None if it is expired, forged, or for another purpose."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        if signer.unsign(ticket, max_age=VALID_FOR).partition(".")[0] != purpose:
            return None
    except signing.BadSignature:
        return None
    return int(signing.b62_decode(ticket.rsplit(signer.sep, 2)[1]))  # the format of TimestampSigner


def _secret() -> str:
    return salted_hmac(_SALT, "challenge", algorithm="sha256").hexdigest()
