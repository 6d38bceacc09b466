"""Diff of two sequences: Myers, "An O(ND) Difference Algorithm" (1986)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True)
class Run:
    """Slices of both sequences that are equal, or that differ."""

    is_same: bool
    old: slice
    new: slice


@dataclass(frozen=True)
class _Match:
    """Equal items, and the previous match on the same path."""

    old: int
    new: int
    length: int
    before: _Match | None


def compare(old: Sequence[str], new: Sequence[str], *, max_changes: int) -> list[Run]:
    """Split both sequences into runs, in order.

    If there are more than `max_changes` changes, everything between the common beginning and the common end is one
    differing run. The time is O((len(old) + len(new)) * max_changes) for any items.
    """
    begin = _common(old, new)
    end = _common(old[begin:][::-1], new[begin:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    inner = _matches(old[begin:old_end], new[begin:new_end], max_changes)
    matches = [(0, 0, begin), *((begin + a, begin + b, length) for a, b, length in inner), (old_end, new_end, end)]
    return list(_runs(matches))


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _matches(old: Sequence[str], new: Sequence[str], max_changes: int) -> list[tuple[int, int, int]]:
    """Return start in `old`, start in `new` and length of the matches on the shortest path; empty if it is too long."""
    reached: dict[int, tuple[int, _Match | None]] = {1: (0, None)}  # by diagonal: position in `old`, last match
    for changes in range(max_changes + 1):
        for diagonal in range(-changes, changes + 1, 2):
            inserted, deleted = reached.get(diagonal + 1, (-1, None)), reached.get(diagonal - 1, (-2, None))
            x, match = inserted if deleted[0] < inserted[0] else (deleted[0] + 1, deleted[1])
            start = x
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            if x > start:
                match = _Match(start, start - diagonal, x - start, match)
            reached[diagonal] = x, match
            if x >= len(old) and x - diagonal >= len(new):
                return _in_order(match)
    return []


def _in_order(match: _Match | None) -> list[tuple[int, int, int]]:
    found = []
    while match:
        found.append((match.old, match.new, match.length))
        match = match.before
    return found[::-1]


def _runs(matches: list[tuple[int, int, int]]) -> Iterator[Run]:
    old_done = new_done = 0
    for old, new, length in matches:
        if old > old_done or new > new_done:
            yield Run(False, slice(old_done, old), slice(new_done, new))
        if length:
            yield Run(True, slice(old, old + length), slice(new, new + length))
        old_done, new_done = old + length, new + length
