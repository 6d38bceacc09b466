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
_VERY_WIDE = re.compile("[\ufdf0-\ufdff\u2e3a\u2e3b\U00012000-\U0001254f]")  # Arabic ligatures of phrases, cuneiform
_WIDE_IN_ASCII = dict.fromkeys("MW@%", 2.5) | dict.fromkeys("mw", 1.75)
_SHOWN_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u08e2]")  # signs around a number
_CAPITAL, _WIDE = 1.5, 2.5
_ACCENTS = re.compile("[\u0300-\u036f]")
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
    columns, before = 0.0, ""
    for place, character in enumerate(text, start=1):
        if character == "\n":
            yield place, 1.0 - columns % _COLUMNS / _COLUMNS
            columns, before = 0.0, ""
            continue
        width = _width(character, before)
        columns, before = columns + width, character
        yield place, width / _COLUMNS


def _width(character: str, before: str) -> float:
    if character.isascii():
        return _WIDE_IN_ASCII.get(character) or (_CAPITAL if character.isupper() else 1)
    match unicodedata.category(character):
        case "Mn" | "Me":
            return _width_of_mark(character, before)
        case "Cf":
            return _WIDE if _SHOWN_FORMAT.match(character) else 0
        case "Lu":
            return _CAPITAL
    if _VERY_WIDE.match(character):
        return _WIDEST
    return 2 if unicodedata.east_asian_width(character) in "WF" or character == "—" else 1


def _width_of_mark(mark: str, before: str) -> float:
    """A browser draws a mark on a dotted circle, wider than most letters, if the letter before cannot bear it: one of
    another script, or one with a mark. Accents are borne by all.
    """
    is_borne = not before.isascii() and unicodedata.category(before)[0] != "M"
    return 0 if is_borne or _ACCENTS.match(mark) else _WIDE


def _break_before(text: str, end: int) -> int:
    """Return the last good place to break a text at: a paragraph, a line, a sentence or a word, in the second half."""
    for pattern in _BREAKS:
        if found := [match.end() for match in pattern.finditer(text, end // 2, end)]:
            return found[-1]
    return end
