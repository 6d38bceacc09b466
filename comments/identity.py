"""Identity of a reader: a device (signed cookie) and a network (keyed hash), never a typed name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
import secrets
import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

DEVICE_COOKIE = "device"
HAS_DEVICE_COOKIE = "known"  # tells scripts that a device cookie exists, but not its value
_SALT = "comments.identity.device"
_COOKIE_LIFETIME = timedelta(days=400)  # the longest time that browsers keep a cookie (RFC 6265bis, 5.5)


@dataclass(frozen=True)
class Reader:
    """Reader who sent a request; `device` is `None` until the first comment, `network` is always known.

    `address` and `user_agent` are those of one request. They are never stored in this form and never printed.
    """

    device: str | None
    network: str
    address: str = field(default="", repr=False, compare=False)
    user_agent: str = field(default="", repr=False, compare=False)


def get_reader(request: HttpRequest) -> Reader:
    address = request.META.get("REMOTE_ADDR", "")
    browser = request.headers.get("User-Agent", "")
    return Reader(
        device=_read_device_cookie(request), network=hash_network(address), address=address, user_agent=browser
    )


def create_device_id(proof: str = "") -> str:
    """Return a new device id that begins with the time of its creation.

    The creation time needs no table this way. The rest is random, or derived from a `proof` that only the browser can
    repeat.
    """
    return f"{int(time.time()):08x}{_derive(proof) if proof else secrets.token_hex(12)}"


def is_device_derived_from(device: str, proof: str) -> bool:
    """Return whether `create_device_id` has derived this device from the same proof."""
    return bool(proof) and constant_time_compare(device[8:], _derive(proof))


def _derive(proof: str) -> str:
    return salted_hmac("comments.identity.proof", proof, algorithm="sha256").hexdigest()[:24]


def device_created_at(device: str) -> datetime | None:
    """Return the time in the device id; None for an id that was not created here."""
    try:
        return datetime.fromtimestamp(int(device[:8], 16), tz=UTC)
    except ValueError:
        return None


def set_device_cookie(response: HttpResponse, device: str) -> None:
    """Set the cookies of the device; call it only on responses that are not cached."""
    lasting: dict[str, Any] = {"max_age": _COOKIE_LIFETIME, "secure": settings.SESSION_COOKIE_SECURE, "samesite": "Lax"}
    response.set_cookie(HAS_DEVICE_COOKIE, "1", **lasting)
    response.set_cookie(DEVICE_COOKIE, signing.TimestampSigner(salt=_SALT).sign(device), httponly=True, **lasting)


def hash_network(address: str) -> str:
    """Return the keyed hash of the address prefix (/24 or /48), the only part of an address that is ever stored.

    An IPv4-mapped IPv6 address counts as the IPv4 address. All unknown addresses are one network.
    """
    try:
        known = ip_address(address)
    except ValueError:
        cut = "unknown"
    else:
        if isinstance(known, IPv6Address) and known.ipv4_mapped:
            known = known.ipv4_mapped
        cut = str(ip_network((known.packed, 24 if known.version == 4 else 48), strict=False))
    return salted_hmac("comments.identity.network", cut, algorithm="sha256").hexdigest()[:32]


def is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _read_device_cookie(request: HttpRequest) -> str | None:
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(request.COOKIES[DEVICE_COOKIE], max_age=_COOKIE_LIFETIME)
    except (KeyError, signing.BadSignature):
        return None
