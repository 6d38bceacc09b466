"""Features of a text: buckets of its words, word pairs and character n-grams.

Training and scoring both use this module. It is plain Python, because web processes have no machine learning library.
Increment FEATURE_FORMAT with every change of the buckets of any text: older models then give no scores.
Unlike in articles/search/tokenizer.py and comments/text/fingerprints.py, runs of punctuation marks, emoji, numbers and
links are words, because they tell spam from other comments.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
import re
from typing import NamedTuple
import unicodedata
from zlib import crc32

FEATURE_FORMAT = 2
BUCKET_COUNT = 2**18
MAX_WORD_LENGTH = 40  # characters; a longer word is split, to limit memory for a text without spaces
MAX_SYMBOL_RUN = 8  # consecutive punctuation marks or emoji in one word
MAX_NORMALIZED_GROWTH = 3  # limits casefolding: NFKC can turn one character into 18
NGRAM_LENGTHS = (3, 5)  # characters

# Combining marks of Hebrew, Arabic and the scripts of India and South-East Asia belong to words.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u109f\u1780-\u17d3\u200c\u200d"
_WORD = re.compile(rf"[\w{_MARKS}]{{1,{MAX_WORD_LENGTH}}}|[^\w\s{_MARKS}]{{1,{MAX_SYMBOL_RUN}}}")
_BYTES_PER_CHARACTER = 4  # in UTF-32
_MASK = BUCKET_COUNT - 1


class Token(NamedTuple):
    """Word with its position in the text and its normalized form."""

    start: int
    end: int
    normalized: str


def tokenize(text: str) -> list[Token]:
    return [Token(*match.span(), _normalize(match[0])) for match in _WORD.finditer(text)]


def text_buckets(text: str) -> set[int]:
    words = [_normalize(word) for word in _WORD.findall(text)]
    found = {pair_bucket(*pair) for pair in set(pairwise(words))}
    return found.union(*map(word_buckets, set(words)))


@lru_cache(maxsize=2_000)  # covers most words of ordinary comments
def word_buckets(word: str) -> tuple[int, ...]:
    """Return the buckets of the whole word and of its n-grams.

    A space marks the beginning and the end of the word.
    """
    data = f" {word} ".encode("utf-32-le", "surrogatepass")
    buckets = [crc32(data) & _MASK]
    for length in NGRAM_LENGTHS:
        size = length * _BYTES_PER_CHARACTER
        buckets += [
            crc32(data[at : at + size], length) & _MASK for at in range(0, len(data) - size + 1, _BYTES_PER_CHARACTER)
        ]
    return tuple(buckets)


def pair_bucket(first: str, second: str) -> int:
    return crc32(f"{first} {second}".encode("utf-8", "surrogatepass")) & _MASK


def _normalize(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", word).casefold()[: min(MAX_WORD_LENGTH, MAX_NORMALIZED_GROWTH * len(word))]
