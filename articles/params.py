"""Parsing of ids in requests."""

from __future__ import annotations


def parse_id(raw: str) -> int:
    """Return the id, or 0, which no row has, for invalid text."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 19 else 0
