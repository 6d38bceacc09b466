"""Where a long comment is folded: what is shown, and what is shown on demand.

The height is estimated in lines of a wide screen. A telephone needs about twice as many.
"""

from __future__ import annotations

from collections.abc import Iterator
import re
import unicodedata

MAX_LINES = 24  # a comment that needs more is folded
SHOWN_LINES = 16
_COLUMNS = 70  # of a line
_WIDEST = 12  # columns of one character
_VERY_WIDE = re.compile("[\ufdf0-\ufdff\U00012000-\U0001254f]")  # Arabic ligatures of phrases, cuneiform
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…。！？؟।]['\"”»」’)]*\s|[。！？]"),
    re.compile(r"\s"),
)


def fold_place(text: str) -> int:
    """Return where the part that is shown first ends: at the end of a text that is short enough.

    The place may be within a word or a link.
    """
    if len(text) <= _COLUMNS and text.count("\n") < SHOWN_LINES:  # as most comments
        return len(text)
    end = 0
    lines = 0.0
    for place, height in _heights(text):
        lines += height
        end = end if lines > SHOWN_LINES else place
        if lines > MAX_LINES:
            return _break_before(text, end)
    return len(text)


def _heights(text: str) -> Iterator[tuple[int, float]]:
    """Where each character ends, and what it adds to the height, in lines."""
    columns = 0
    for place, character in enumerate(text, start=1):
        if character == "\n":
            yield place, 1.0 - columns % _COLUMNS / _COLUMNS
            columns = 0
            continue
        width = _width(character)
        columns += width
        yield place, width / _COLUMNS


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if _VERY_WIDE.match(character):
        return _WIDEST
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _break_before(text: str, end: int) -> int:
    """Return the last good place to break a text at: a paragraph, a line, a sentence or a word, in the second half."""
    for pattern in _BREAKS:
        if found := [match.end() for match in pattern.finditer(text, end // 2, end)]:
            return found[-1]
    return end
