"""Comments that nobody wrote, with what a moderator would have decided: to try out what learns from decisions.

Words are made up and drawn by Zipf's law. Spam praises and links, rejected comments insult, both among ordinary words;
a part of the decisions is wrong, as people's are. What this cannot show: how well anything works for a newsroom. The
kinds differ here by words that were put in for it, so that a linear model must find them; nobody is ironic, quotes an
insult to object to it, or changes the words because the last ones were caught.
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
WRONG = 0.03  # of the decisions
SHARES = {Status.APPROVED: 0.7, Status.REJECTED: 0.2, Status.SPAM: 0.1}


class Decided(NamedTuple):
    text: str
    status: Status


class Writer:
    """The same comments each time, for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        words = ["".join(self._chance.choices(SYLLABLES, k=self._chance.randint(1, 4))) for _ in range(VOCABULARY)]
        self._words, self._weights = words, list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def decided(self, number: int) -> Iterator[Decided]:
        for _ in range(number):
            (meant,) = self._chance.choices(list(SHARES), list(SHARES.values()))
            (status,) = self._chance.choices(list(SHARES)) if self._chance.random() < WRONG else (meant,)
            yield Decided(self.text(meant), status)

    def text(self, status: Status, *, length: int | None = None) -> str:
        """`length` is in words: most comments are short, a few long."""
        count = length or min(int(self._chance.lognormvariate(3.3, 0.8)) + 3, 800)
        words = self._chance.choices(self._words, cum_weights=self._weights, k=count)
        if status == Status.SPAM:
            self._put_in(words, SPAM, self._chance.randint(2, 5))
            self._put_in(words, [f"https://{self._word()}{self._word()}.example/{self._chance.randrange(1000)}"], 1)
        elif status == Status.REJECTED:
            self._put_in(words, INSULTS, self._chance.randint(1, 3))
        return f"{' '.join(words).capitalize()}."

    def _word(self) -> str:
        return self._chance.choice(self._words)

    def _put_in(self, words: list[str], what: list[str], number: int) -> None:
        for _ in range(number):
            words.insert(self._chance.randint(0, len(words)), self._chance.choice(what))
