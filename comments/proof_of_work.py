"""A proof of work for new devices, by ALTCHA's protocol (version 2); or patience, for browsers without scripts.

The challenge is bound to what is sent, under which article and from which network, so it is good for this one comment
and nothing has to be stored. See https://altcha.org/docs/v2/ for the protocol.
"""

from __future__ import annotations

from datetime import timedelta
import json
import time

from altcha import Payload, create_challenge, verify_solution
from django.core import signing
from django.utils.crypto import salted_hmac

from comments.facts import Proof

# A browser tries 256 keys on average. PBKDF2 is native in browsers, so an attacker's program is hardly faster.
ALGORITHM, ITERATIONS, PREFIX = "PBKDF2/SHA-256", 3_000, "00"
VALID_FOR = timedelta(hours=1)
WAIT_SECONDS = 20
MAX_PAYLOAD = 4_000  # characters of a solution; a real one has 700
_SALT = "comments.proof_of_work"


def purpose_of(article_id: int, parent_id: int | None, name: str, text: str, network: str) -> str:
    """Return what a challenge is bound to, as a keyed hash."""
    content = json.dumps([article_id, parent_id, name, text, network])
    return salted_hmac(_SALT, content, algorithm="sha256").hexdigest()


def challenge_for(purpose: str) -> str:
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


def waiting_ticket(purpose: str, earlier: str = "") -> tuple[str, int]:
    """Return a token by which the same comment can be sent later, and in how many seconds.

    An `earlier` one that is still good stays, so that a reader who is impatient does not start again.
    """
    if (signed_at := _signed_at(earlier, purpose)) is not None:
        return earlier, max(1, WAIT_SECONDS - int(time.time() - signed_at))
    return signing.TimestampSigner(salt=_SALT).sign(purpose), WAIT_SECONDS


def proof_given(payload: str, ticket: str, purpose: str) -> Proof:
    """Check a solution, else a ticket. Neither raises for what is malformed, expired or was made for something else."""
    if _is_solved(payload, purpose):
        return Proof.SOLVED
    return Proof.WAITED if _has_waited(ticket, purpose) else Proof.NONE


def _is_solved(raw: str, purpose: str) -> bool:
    if not raw or len(raw) > MAX_PAYLOAD:
        return False
    try:
        payload = Payload.from_base64(raw)
        is_for_this = (payload.challenge.parameters.data or {}).get("for") == purpose
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return is_for_this and verify_solution(payload, _secret()).verified


def _has_waited(ticket: str, purpose: str) -> bool:
    signed_at = _signed_at(ticket, purpose)
    return signed_at is not None and time.time() - signed_at >= WAIT_SECONDS


def _signed_at(ticket: str, purpose: str) -> int | None:
    """Return the second in which a ticket was made; None if it is expired, forged, or for something else."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        if signer.unsign(ticket, max_age=VALID_FOR) != purpose:
            return None
    except signing.BadSignature:
        return None
    return int(signing.b62_decode(ticket.rsplit(signer.sep, 2)[1]))  # as TimestampSigner writes it


def _secret() -> str:
    return salted_hmac(_SALT, "challenge", algorithm="sha256").hexdigest()
