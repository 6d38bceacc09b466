"""What of a text is learnt from: its words, pairs of them, and the pieces of each word, as numbers of buckets.

The one place where a text becomes features, when learning and when scoring. Plain Python: the web's processes need no
library for it. Whoever changes what it says of any text moves FORMAT: then older lessons give no scores.
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
MAX_WORD_LENGTH = 40  # characters: what is longer is several words, or a text without blanks would fill the memory
MAX_SYMBOL_RUN = 8  # of punctuation or emoji that are one word
MAX_NORMALIZED_GROWTH = 3  # times its length, at most, of a word that is folded: Unicode makes 18 characters of one
NGRAM_LENGTHS = (3, 5)  # characters

# Letters, with the marks that belong to them in Hebrew, Arabic, the scripts of India and of South-East Asia.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u109f\u1780-\u17d3\u200c\u200d"
_WORD = re.compile(rf"[\w{_MARKS}]{{1,{MAX_WORD_LENGTH}}}|[^\w\s{_MARKS}]{{1,{MAX_SYMBOL_RUN}}}")
_BYTES_PER_CHARACTER = 4  # bytes in UTF-32
_MASK = BUCKET_COUNT - 1


class Token(NamedTuple):
    """A word as it stands in the text, and as it is learnt."""

    start: int
    end: int
    normalized: str


def tokenize(text: str) -> list[Token]:
    return [Token(*match.span(), _normalize(match[0])) for match in _WORD.finditer(text)]


def text_buckets(text: str) -> set[int]:
    words = [_normalize(word) for word in _WORD.findall(text)]
    found = {pair_bucket(*pair) for pair in set(pairwise(words))}
    return found.union(*map(word_buckets, set(words)))


@lru_cache(maxsize=2_000)  # of an ordinary comment's words, most
def word_buckets(word: str) -> tuple[int, ...]:
    """Of the word whole, and of its pieces, in which a blank stands for its beginning and its end."""
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
