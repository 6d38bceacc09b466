"""Text as the search sees it: words without capitals and accents, the same for what is written and for what is asked.

Chinese and Japanese have no blanks: there each character is a word, and several in a row are a phrase.
"""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import NamedTuple
import unicodedata

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# Signs that stand in or over a letter and are no letters for Python: accents, points, the vowels of India and beyond.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
)
_MARKS += "\u0f18-\u0fbc\u102b-\u109d\u17b4-\u17d3"
_WORD = re.compile(rf"[{_CJK}]|(?:[^\W_{_CJK}]|[{_MARKS}])+")

# Accents and points, which people leave out. Not the breve: in Cyrillic it makes another letter.
_DROPPED = re.compile("[\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
# Towers of signs, which take quadratic time to put in order. No language has more than 30 (UAX 15, Stream-Safe Text).
_STACKED_MARKS = re.compile(rf"([{_MARKS}]{{30}})[{_MARKS}]+")
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | {"ă": "a", "ĕ": "e", "ğ": "g", "ĭ": "i", "ŏ": "o", "ŭ": "u"}
)


class Word(NamedTuple):
    """Where it stands in the text, and what it is for the search."""

    start: int
    end: int
    normalized: str


def tokenize(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        if folded := fold(found[0]):
            yield Word(found.start(), found.end(), folded)


def fold(word: str) -> str:
    """Empty for a mark without a letter. Never longer than some letters that stand for one."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", _STACKED_MARKS.sub(r"\1", word)).casefold())
    together = unicodedata.normalize("NFC", _DROPPED.sub("", apart))
    return "".join(together.translate(_PLAIN).split())
