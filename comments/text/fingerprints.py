"""Similarity of comments, independent of numbers, links, emoji, case, whitespace or a few words.

A comment is reduced to its normalized words. Quotations count only if the comment has little other text, or in
`repeats`: readers quote the same sentences, but one reader has no need to quote them in every comment. `keys` are a
few numbers of which similar comments nearly always share at least one, so that an index can find them. `is_similar`
then compares the words.

The words are those of `NormalizedText`, in which look-alike letters are equal, without links and numbers: senders vary
these. The tokenizers of search (articles/search/tokenizer.py) and of the classifier keep them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
import hashlib
from itertools import islice
import re

from django.conf import settings

from comments.text.normalize import JOINTS, SYMBOLS, NormalizedText

MIN_SHARED_WORDS = 0.7  # share of common words of similar comments: three in ten may differ
MIN_WORDS = 4  # shorter texts are often equal by chance
SHORT_TEXT_WORDS = 8  # shorter texts are similar only if they are equal
MAX_KEYS = 8
MAX_WORDS = 1_000  # compared words of a comment; enough for 5,000 characters in most languages
MAX_CHARACTERS = 10_000  # characters read of a comment

_MIN_QUOTATION_LENGTH = 40  # characters; a shorter quotation may be a name or irony
_CLOSING = {"“": "”", "„": "“", "«": "»", '"': '"'}
_OPENING = re.compile(f"[{''.join(_CLOSING)}]")
# Each alternative can begin only at the first character of a run, so that no run is read twice.
_LINK = re.compile(
    r"(?<!\S)\S*?(?:://|www\.)\S*"
    r"|(?<![\w-])(?<![\w-]\.)(?>(?:-+\.)*-*)\w[\w-]*+(?>(?:\.(?![a-z]{2,}+\b)[\w-]++)*)\.[a-z]{2,}+\b\S*",
    re.IGNORECASE,
)
_BETWEEN_WORDS = re.compile(rf"[ {JOINTS}]+")
_NO_WORD = re.compile(rf"[\d{SYMBOLS}]")


@dataclass(frozen=True)
class TextFingerprint:
    """Fingerprint of a comment; `whole` includes the words of quotations, and is `None` without a quotation."""

    words: tuple[str, ...]
    whole: TextFingerprint | None = None

    @classmethod
    def of(cls, text: str) -> TextFingerprint:
        text = text[:MAX_CHARACTERS]
        unquoted = _remove_quotations(text)
        own = cls(_words(unquoted))
        if unquoted == text:
            return own
        whole = cls(_words(text))
        return whole if own.is_short else cls(own.words, whole)

    @property
    def is_short(self) -> bool:
        return len(self.words) < SHORT_TEXT_WORDS

    @cached_property
    def keys(self) -> list[int]:
        """Return the keys of the words, the smallest first, then those of `whole`: at most MAX_KEYS of each.

        A comment with too few words has none.
        """
        if len(self.words) < MIN_WORDS:
            return []
        length = len(self.words) if self.is_short else 3
        places = range(len(self.words) - length + 1)
        keys = sorted({_hash_words(self.words[place : place + length]) for place in places})[:MAX_KEYS]
        return list(dict.fromkeys([*keys, *(self.whole.keys if self.whole else ())]))

    def is_similar(self, other: TextFingerprint) -> bool:
        if self.is_short or other.is_short:
            return self.words == other.words and len(self.words) >= MIN_WORDS
        in_common = (self._word_counts & other._word_counts).total()
        return in_common >= MIN_SHARED_WORDS * max(len(self.words), len(other.words))

    def repeats(self, other: TextFingerprint) -> bool:
        """Return whether the two are similar, either with all quotations or without."""
        return self.is_similar(other) or (self.whole or self).is_similar(other.whole or other)

    @cached_property
    def _word_counts(self) -> Counter[str]:
        return Counter(self.words)


def _words(text: str) -> tuple[str, ...]:
    parts = _BETWEEN_WORDS.split(NormalizedText(_LINK.sub(" ", text)).line)
    words = (word for word in (each.strip(SYMBOLS) for each in parts) if _is_word(word))
    return tuple(islice(words, MAX_WORDS))


def _remove_quotations(text: str) -> str:
    """Remove quoted lines and long quotations within a line."""
    return "\n".join(_remove_long_quotations(line) for line in text.split("\n") if not line.startswith(">"))


def _remove_long_quotations(line: str) -> str:
    """Remove long quotations; a closing mark that is missing in the rest of the line is searched for once."""
    kept, done, missing = [], 0, set()
    for opening in _OPENING.finditer(line):
        start, mark = opening.start(), _CLOSING[opening[0]]
        if start < done or mark in missing:
            continue
        end = line.find(mark, start + 1)
        if end < 0:
            missing.add(mark)
        elif end - start > _MIN_QUOTATION_LENGTH:
            kept.append(line[done:start])
            done = end + 1
    return " ".join([*kept, line[done:]])


def _is_word(word: str) -> bool:
    return any(map(str.isalpha, word)) and not _NO_WORD.search(word)


def _hash_words(words: tuple[str, ...]) -> int:
    """Return a keyed hash of 64 bits, so that outsiders cannot choose words with a small hash."""
    key = settings.SECRET_KEY.encode()[:64]
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode(), digest_size=8, key=key).digest(), signed=True)
