"""What readers type, made safe to keep: no character that breaks a line, a feed or a database, no towers of marks, no
empty space; nothing else changed.
"""

from __future__ import annotations

import re
import unicodedata

from articles.text import INVISIBLE, is_blank

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_OVERRIDES = "\u202a-\u202e"  # embeddings and overrides; they turn the text around them
_BIDI = _OVERRIDES + "\u200e\u200f\u061c\u2066-\u2069"
_BREAKS = "\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"

_NOT_IN_TEXT = re.compile(f"[{_CONTROLS}{_OVERRIDES}\ufeff\ufffe\uffff]")
_NOT_IN_NAME = re.compile(f"[{_CONTROLS}{_BIDI}\ufeff\ufffe\uffff]")
_BREAK = re.compile(f"[\t{_BREAKS}]")
_MARKS_IN_NAME = 4  # on one letter
_MARKS_IN_TEXT = 8  # scripts stack up to seven (Tibetan)
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean_text(raw: str) -> str:
    """Return the comment as it is kept: CRLF and CR are LF, no control characters, no blanks at either end.

    Of a run of lines that look empty one is left.
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _NOT_IN_TEXT.sub("", text)
    if not text.isascii():
        text = _limit_marks(text, _MARKS_IN_TEXT)
    lines = ("" if is_blank(line) else line for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_name(raw: str) -> str:
    """The name as it is kept: one line, nothing that turns text around, no towers of marks."""
    plain = INVISIBLE.sub("", _NOT_IN_NAME.sub("", _BREAK.sub(" ", raw)))
    name = _limit_marks(plain, _MARKS_IN_NAME)  # first: NFC is quadratic in a tower's height
    name = _limit_marks(unicodedata.normalize("NFC", " ".join(name.split())), _MARKS_IN_NAME)
    return "" if is_blank(name) else name


def remove_controls(raw: str) -> str:
    """As typed, less what a page cannot hold."""
    return _NOT_IN_TEXT.sub("", raw)


def _limit_marks(text: str, most: int) -> str:
    """Drop the marks on a letter, or on nothing, beyond so many."""
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= most:
            kept.append(character)
    return "".join(kept)
