"""How often each block and each entry of a list has hit: also what was refused, of which nothing else is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from comments.models import Block, WordListEntry
from comments.rules.builtin import Finding

_MANAGERS: dict[str, Any] = {
    "block": Block.objects,
    "wordlistentry": WordListEntry.objects,
}  # by what stands before the colon of an entry


@contextmanager
def count_hits() -> Iterator[list[Finding]]:
    """Give it the findings. They are counted when all within is over, also when a refusal has rolled that back."""
    findings: list[Finding] = []
    try:
        yield findings
    finally:
        for entry in sorted({finding.entry for finding in findings}):
            kind, _colon, pk = entry.partition(":")
            if kind in _MANAGERS:
                _MANAGERS[kind].filter(pk=int(pk)).count_hit()
