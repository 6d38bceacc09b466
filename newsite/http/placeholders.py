"""Pages rendered once, with placeholders for content that changes more often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import re
import secrets

from django.utils.safestring import SafeString, mark_safe

PageParts = list[str]  # text and names of placeholders, alternating


def split_at_placeholders(make: Callable[[Mapping[str, SafeString]], str], *names: str) -> PageParts:
    """Split a page at its placeholders: `make` gets a random mark for each name, and puts it into the page."""
    marks = {name: mark_safe(secrets.token_hex(16)) for name in names}
    names_of: dict[str, str] = {mark: name for name, mark in marks.items()}
    pieces = re.split(f"({'|'.join(names_of)})", make(marks))
    return [names_of[piece] if place % 2 else piece for place, piece in enumerate(pieces)]


def fill(pieces: PageParts, values: Mapping[str, bytes]) -> bytes:
    """Return the page, encoded as UTF-8."""
    return b"".join([values[piece] if place % 2 else piece.encode() for place, piece in enumerate(pieces)])
