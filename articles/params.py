"""Ids that came in with a request."""

from __future__ import annotations


def parse_id(raw: str) -> int:
    """0, which nothing has, for what cannot be one."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 19 else 0
