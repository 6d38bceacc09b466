"""Parsing of untrusted URLs."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

MAX_URL_LENGTH = 2_000  # characters, as many as browsers and servers accept


def split_url(address: str) -> SplitResult:
    """Split a URL. Raise ValueError for text that is not a URL or is too long.

    The length is limited because the standard library normalizes a host in quadratic time.
    """
    if len(address) > MAX_URL_LENGTH:
        raise ValueError("too long for an address")
    return urlsplit(address)
