"""Hit counters of blocks and word list entries. They also count refused comments, which are not stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from comments.models import Block, WordListEntry
from comments.rules.engine import Finding

# Managers by the prefix of `Finding.entry`.
_MANAGERS: dict[str, Any] = {
    "block": Block.objects,
    "wordlistentry": WordListEntry.objects,
}


@contextmanager
def count_hits() -> Iterator[list[Finding]]:
    """Count the hits of the findings that the block adds to the yielded list.

    The hits are counted on exit, also if a refusal rolled back the inner transaction.
    """
    findings: list[Finding] = []
    try:
        yield findings
    finally:
        for entry in sorted({finding.entry for finding in findings}):
            kind, _colon, pk = entry.partition(":")
            if kind in _MANAGERS:
                _MANAGERS[kind].filter(pk=int(pk)).count_hit()
