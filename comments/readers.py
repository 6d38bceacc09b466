"""Who is this reader? A device, by a signed cookie; a network, by a keyed hash. Never a typed name."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "device"
_SALT = "comments.readers.device"
_DAYS = 400  # as long as browsers keep a cookie (RFC 6265bis, 5.5)


@dataclass(frozen=True)
class Reader:
    """`device` is None until the reader has posted once; `network` is always known."""

    device: str | None
    network: str


def reader_of(request: HttpRequest) -> Reader:
    return Reader(device=_device_of(request), network=network_of(request.META.get("REMOTE_ADDR", "")))


def new_device() -> str:
    return secrets.token_hex(16)


def remember(response: HttpResponse, device: str) -> None:
    """Gives the device its cookie. Only ever on an answer that no cache keeps."""
    response.set_cookie(
        COOKIE,
        signing.Signer(salt=_SALT).sign(device),
        max_age=_DAYS * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def network_of(address: str) -> str:
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
    return salted_hmac("comments.readers.network", cut, algorithm="sha256").hexdigest()[:32]


def _device_of(request: HttpRequest) -> str | None:
    try:
        return signing.Signer(salt=_SALT).unsign(request.COOKIES[COOKIE])
    except (KeyError, signing.BadSignature):
        return None
