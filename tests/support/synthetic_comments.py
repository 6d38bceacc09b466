"""Synthetic comments with the decision of a moderator, for tests and benchmarks of the scoring.

Words are invented and drawn by Zipf's law. Spam contains advertising words and links, rejected comments contain
insults, both among ordinary words; a share of the decisions is wrong, like those of people. The results say nothing
about quality in a newsroom: a linear model must find the words that distinguish the kinds here, and there is no irony,
no quoted insult and no spammer who changes words after a rejection.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
import random
from typing import NamedTuple

from comments.statuses import Status

SYLLABLES = [consonant + vowel for consonant in "bdklmnrs" for vowel in "aeio"]
SPAM = ["casino", "bonus", "pills", "loan", "crypto", "profit", "cheap", "winner", "jackpot", "discount", "offer"]
INSULTS = ["idiot", "moron", "liar", "traitor", "scum", "vermin", "fool", "coward", "parasite", "imbecile"]
VOCABULARY = 20_000
ERROR_RATE = 0.03  # share of wrong decisions
SHARES = {Status.APPROVED: 0.7, Status.REJECTED: 0.2, Status.SPAM: 0.1}


class LabelledComment(NamedTuple):
    text: str
    status: Status


class CommentGenerator:
    """Generator of comments, which depend only on the seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        words = ["".join(self._random.choices(SYLLABLES, k=self._random.randint(1, 4))) for _ in range(VOCABULARY)]
        self._words, self._weights = words, list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def labelled_comments(self, number: int) -> Iterator[LabelledComment]:
        for _ in range(number):
            (true_status,) = self._random.choices(list(SHARES), list(SHARES.values()))
            (status,) = self._random.choices(list(SHARES)) if self._random.random() < ERROR_RATE else (true_status,)
            yield LabelledComment(self.text(true_status), status)

    def text(self, status: Status, *, length: int | None = None) -> str:
        """Return a text; `length` is in words, by default random: most comments are short, a few long."""
        count = length or min(int(self._random.lognormvariate(3.3, 0.8)) + 3, 800)
        words = self._random.choices(self._words, cum_weights=self._weights, k=count)
        if status == Status.SPAM:
            self._insert(words, SPAM, self._random.randint(2, 5))
            self._insert(words, [f"https://{self._word()}{self._word()}.example/{self._random.randrange(1000)}"], 1)
        elif status == Status.REJECTED:
            self._insert(words, INSULTS, self._random.randint(1, 3))
        return f"{' '.join(words).capitalize()}."

    def _word(self) -> str:
        return self._random.choice(self._words)

    def _insert(self, words: list[str], insertions: list[str], count: int) -> None:
        for _ in range(count):
            words.insert(self._random.randint(0, len(words)), self._random.choice(insertions))
