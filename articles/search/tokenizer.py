"""Tokenizer for articles and queries: words without capitals and accents.

Chinese and Japanese have no spaces. Each of their characters is a word, and adjacent characters are a phrase.
The classifier (comments/classifier/features.py) and the fingerprints (comments/text/fingerprints.py) have tokenizers
of their own: one needs symbols, too, and the other neither numbers nor letters that only look alike.
"""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import NamedTuple
import unicodedata

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# Marks that Python does not count as letters: accents, points, vowel signs of Indic and other scripts.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
)
_MARKS += "\u0f18-\u0fbc\u102b-\u109d\u17b4-\u17d3"
_WORD = re.compile(rf"[{_CJK}]|(?:[^\W_{_CJK}]|[{_MARKS}])+")

# Accents and points that readers often omit. The breve is kept because it makes a different letter in Cyrillic.
_DROPPED = re.compile("[\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
# Normalizing stacked marks takes quadratic time. No language stacks more than 30 (UAX 15, Stream-Safe Text Format).
_STACKED_MARKS = re.compile(rf"([{_MARKS}]{{30}})[{_MARKS}]+")
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | {"ă": "a", "ĕ": "e", "ğ": "g", "ĭ": "i", "ŏ": "o", "ŭ": "u"}
)


class Word(NamedTuple):
    """Position of a word in a text, and its normalized form."""

    start: int
    end: int
    normalized: str


def tokenize(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        if folded := fold(found[0]):
            yield Word(found.start(), found.end(), folded)


def fold(word: str) -> str:
    """Normalize a word. A mark without a letter becomes empty. One character becomes at most a few letters."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", _STACKED_MARKS.sub(r"\1", word)).casefold())
    together = unicodedata.normalize("NFC", _DROPPED.sub("", apart))
    return "".join(together.translate(_PLAIN).split())
