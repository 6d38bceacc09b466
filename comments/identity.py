"""Who is this reader? A device, by a signed cookie; a network, by a keyed hash. Never a typed name."""

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
HAS_DEVICE_COOKIE = "known"  # for scripts: that there is a device, not which
_SALT = "comments.identity.device"
_COOKIE_LIFETIME = timedelta(days=400)  # as long as browsers keep a cookie (RFC 6265bis, 5.5)


@dataclass(frozen=True)
class Reader:
    """`device` is None until the reader has posted once; `network` is always known.

    `address` and `browser` are those of one request: never stored as they are, never printed.
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
    """Begins with the time, so that we know without a table since when a device has been here. The rest is random, or
    derived from a `proof` that the browser alone can repeat.
    """
    return f"{int(time.time()):08x}{_derive(proof) if proof else secrets.token_hex(12)}"


def is_device_derived_from(device: str, proof: str) -> bool:
    """Return whether `new_device` has derived this device from the same proof."""
    return bool(proof) and constant_time_compare(device[8:], _derive(proof))


def _derive(proof: str) -> str:
    return salted_hmac("comments.identity.proof", proof, algorithm="sha256").hexdigest()[:24]


def device_created_at(device: str) -> datetime | None:
    """None for one that was not made here."""
    try:
        return datetime.fromtimestamp(int(device[:8], 16), tz=UTC)
    except ValueError:
        return None


def set_device_cookie(response: HttpResponse, device: str) -> None:
    """Gives the device its cookie. Only ever on an answer that no cache keeps."""
    lasting: dict[str, Any] = {"max_age": _COOKIE_LIFETIME, "secure": settings.SESSION_COOKIE_SECURE, "samesite": "Lax"}
    response.set_cookie(HAS_DEVICE_COOKIE, "1", **lasting)
    response.set_cookie(DEVICE_COOKIE, signing.TimestampSigner(salt=_SALT).sign(device), httponly=True, **lasting)


def hash_network(address: str) -> str:
    """The keyed hash of the address cut to /24 or /48: as much of an address as is ever kept.

    An IPv4 address in IPv6 dress is the IPv4 address. An unknown address is a network of its own.
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
