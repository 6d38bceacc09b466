"""Addresses that strangers wrote, taken apart."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

MAX_URL_LENGTH = 2_000  # characters, as browsers and servers take them


def split_url(address: str) -> SplitResult:
    """Split an address. Raise ValueError for text that is no address, or too long for one.

    The standard library normalizes the host in time that is quadratic in its length.
    """
    if len(address) > MAX_URL_LENGTH:
        raise ValueError("too long for an address")
    return urlsplit(address)
