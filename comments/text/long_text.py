"""Position at which a long comment is collapsed.

The height is estimated in lines of a wide screen. A phone needs about twice as many.
"""

from __future__ import annotations

from collections.abc import Iterator
import re
import unicodedata

MAX_LINES = 24  # longer comments are collapsed
SHOWN_LINES = 16
_COLUMNS = 70  # columns of a line
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
    """Return the position at which the first part ends; the length of the text if it is short enough.

    The position may be within a word or a link.
    """
    if len(text) <= _COLUMNS and text.count("\n") < SHOWN_LINES:  # true for most comments
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
    """Yield the end of each character and its contribution to the height, in lines."""
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
    """Return the width of a combining mark in columns.

    Browsers draw a mark on a dotted circle, wider than most letters, if the letter before cannot carry it: a letter
    of another script, or one that already has a mark. Every letter can carry accents.
    """
    is_borne = not before.isascii() and unicodedata.category(before)[0] != "M"
    return 0 if is_borne or _ACCENTS.match(mark) else _WIDE


def _break_before(text: str, end: int) -> int:
    """Return the last good position to break a text: a paragraph, line, sentence or word end in the second half."""
    for pattern in _BREAKS:
        if found := [match.end() for match in pattern.finditer(text, end // 2, end)]:
            return found[-1]
    return end
