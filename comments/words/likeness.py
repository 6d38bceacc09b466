"""How alike two comments are, whatever numbers, links, emoji, case, blanks or a word or two differ between them.

A comment is taken as its words, folded; what it quotes is not its own. `keys` are a few numbers of which like
comments share at least one, nearly always: so they are found by an index. `is_like` then compares the words themselves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
import hashlib
import re

from django.conf import settings

from comments.words.folding import JOINTS, SYMBOLS, Folded

SAME = 0.7  # the share of pairs of neighbouring words that like comments have in common: a word in eight may differ
FEWEST_WORDS = 4  # whoever says less says what anybody says
FEW_WORDS = 8  # so few are like others only if they are the same
KEYS = 8

_QUOTED = re.compile(r"^>.*$|“[^”\n]{40,}”|„[^“\n]{40,}“|«[^»\n]{40,}»|\"[^\"\n]{40,}\"", re.MULTILINE)
_LINK = re.compile(r"\S*(?:://|www\.)\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b\S*", re.IGNORECASE)
_NO_WORD = re.compile(rf"[\d{SYMBOLS}]")


@dataclass(frozen=True)
class Likeness:
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Likeness:
        plain = _LINK.sub(" ", _QUOTED.sub(" ", text))
        words = re.split(rf"[ {JOINTS}]+", Folded(plain).line)
        return cls(tuple(word for word in (each.strip(SYMBOLS) for each in words) if _is_word(word)))

    @property
    def has_few_words(self) -> bool:
        return len(self.words) < FEW_WORDS

    @cached_property
    def keys(self) -> list[int]:
        """At most KEYS, the smallest first; none for a comment that says too little."""
        if len(self.words) < FEWEST_WORDS:
            return []
        length = len(self.words) if self.has_few_words else 3
        places = range(len(self.words) - length + 1)
        return sorted({_number(self.words[place : place + length]) for place in places})[:KEYS]

    def is_like(self, other: Likeness) -> bool:
        if self.has_few_words or other.has_few_words:
            return self.words == other.words and len(self.words) >= FEWEST_WORDS
        in_common = (self._counted & other._counted).total()
        return in_common >= SAME * max(len(self.words), len(other.words))

    @cached_property
    def _counted(self) -> Counter[str]:
        return Counter(self.words)


def _is_word(word: str) -> bool:
    return any(map(str.isalpha, word)) and not _NO_WORD.search(word)


def _number(words: tuple[str, ...]) -> int:
    """For a column of 64 bits. Nobody outside can choose words that give a small one."""
    key = settings.SECRET_KEY.encode()[:64]
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode(), digest_size=8, key=key).digest(), signed=True)
