"""What readers type, made safe to keep: no character that breaks a line, a feed or a database; nothing else changed."""

from __future__ import annotations

import re
import unicodedata

from articles.visible import INVISIBLE, is_blank

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_OVERRIDES = "\u202a-\u202e"  # embeddings and overrides; they turn the text around them
_BIDI = _OVERRIDES + "\u200e\u200f\u061c\u2066-\u2069"
_BREAKS = "\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"

_NOT_IN_TEXT = re.compile(f"[{_CONTROLS}{_OVERRIDES}\ufeff\ufffe\uffff]")
_NOT_IN_NAME = re.compile(f"[{_CONTROLS}{_BIDI}\ufeff\ufffe\uffff]")
_BREAK = re.compile(f"[\t{_BREAKS}]")
_MARKS_ON_ONE_LETTER = 4


def clean_text(raw: str) -> str:
    """The comment as it is kept: CRLF and CR are LF, no control characters, no blanks at either end."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _NOT_IN_TEXT.sub("", text)
    return "" if is_blank(text) else text.strip()


def clean_name(raw: str) -> str:
    """The name as it is kept: one line, nothing that turns text around, no towers of marks."""
    plain = INVISIBLE.sub("", _NOT_IN_NAME.sub("", _BREAK.sub(" ", raw)))
    name = _without_towers(plain)  # first: NFC is quadratic in a tower's height
    name = _without_towers(unicodedata.normalize("NFC", " ".join(name.split())))
    return "" if is_blank(name) else name


def without_controls(raw: str) -> str:
    """As typed, less what a page cannot hold."""
    return _NOT_IN_TEXT.sub("", raw)


def _without_towers(name: str) -> str:
    kept, marks = [], 0
    for character in name:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= _MARKS_ON_ONE_LETTER:
            kept.append(character)
    return "".join(kept)
