"""Compressed forms of pages. A page that is kept is compressed once a version, not at every request."""

from __future__ import annotations

import gzip

import brotli

# A page of fifty comments: brotli at 5 takes a millisecond, at 11 thirty times that for a tenth less.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
ENCODINGS = ("br", "gzip")


def preferred_encoding(header: str) -> str:
    """Of an Accept-Encoding header the one that we like best; empty: as it is."""
    named: set[str] = set()
    for part in header.lower().split(","):
        name, _semicolon, weight = part.partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            named.add(name.strip())
    return next((name for name in ENCODINGS if name in named), "")


def compress(body: bytes, encoding: str) -> bytes:
    """In an encoding of `accepted`."""
    if not encoding:
        return body
    if encoding == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY))
    return gzip.compress(body, GZIP_LEVEL, mtime=0)  # the same bytes from every worker
