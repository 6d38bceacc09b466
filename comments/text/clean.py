"""Cleaning of typed text before it is stored.

It removes characters that break a line, a feed or a database, stacks of combining marks, and empty space. Nothing
else is changed.
"""

from __future__ import annotations

import re
import unicodedata

from articles.text import CONTROL_CHARS, INVISIBLE, is_blank

_OVERRIDES = "\u202a-\u202e"  # embeddings and overrides; they reverse the text around them
_BIDI = _OVERRIDES + "\u200e\u200f\u061c\u2066-\u2069"
_BREAKS = "\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"

_NOT_IN_TEXT = re.compile(f"[{CONTROL_CHARS}{_OVERRIDES}\ufeff]")
_NOT_IN_NAME = re.compile(f"[{CONTROL_CHARS}{_BIDI}\ufeff]")
_BREAK = re.compile(f"[\t{_BREAKS}]")
_MARKS_IN_NAME = 4  # marks on one letter
_MARKS_IN_TEXT = 8  # marks on one letter; scripts need up to seven (Tibetan)
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean_text(raw: str) -> str:
    """Return the comment as it is stored: LF line ends, no control characters, no whitespace at either end.

    Several lines that look empty are reduced to one.
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _NOT_IN_TEXT.sub("", text)
    if not text.isascii():
        text = _limit_marks(text, _MARKS_IN_TEXT)
    lines = ("" if is_blank(line) else line for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_name(raw: str) -> str:
    """Return the name as it is stored: one line, no bidirectional controls, no stacks of combining marks."""
    plain = INVISIBLE.sub("", _NOT_IN_NAME.sub("", _BREAK.sub(" ", raw)))
    name = _limit_marks(plain, _MARKS_IN_NAME)  # before NFC, which is quadratic in the number of marks
    name = _limit_marks(unicodedata.normalize("NFC", " ".join(name.split())), _MARKS_IN_NAME)
    return "" if is_blank(name) else name


def remove_controls(raw: str) -> str:
    """Return the text as it was typed, without characters that a page cannot contain."""
    return _NOT_IN_TEXT.sub("", raw)


def _limit_marks(text: str, most: int) -> str:
    """Remove the combining marks on a letter, or on nothing, beyond this number."""
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= most:
            kept.append(character)
    return "".join(kept)
