"""Which phrases of a comment moved its score, up or down: what every word gave, together with its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from comments.classifier.features import Word, pair_bucket, word_buckets, words_of
from comments.classifier.weights import Parameters

SHOWN = 5
LONGEST_PHRASE = 5  # words
LEAST = 0.1  # of a phrase, in log-odds: what moves the score by less is not shown


@dataclass(frozen=True)
class Evidence:
    """As they stand in the comment, the strongest first."""

    raised: list[str]
    lowered: list[str]


class Reading:
    """A text, read once for all that is to be told of it."""

    def __init__(self, text: str) -> None:
        self.text, self._words = text, words_of(text)
        self._own = {word.folded: word_buckets(word.folded) for word in self._words}
        self._owners = Counter(bucket for buckets in self._own.values() for bucket in set(buckets))
        self._pairs = {pair: pair_bucket(*pair) for pair in pairwise(word.folded for word in self._words)}
        self.buckets = {*self._owners, *self._pairs.values()}

    def evidence(self, parameters: Parameters) -> Evidence:
        given = self._given(parameters.weights)
        return Evidence(
            raised=_strongest(self.text, self._words, given),
            lowered=_strongest(self.text, self._words, [-gift for gift in given]),
        )

    def _given(self, weights: Sequence[float]) -> list[float]:
        """What each word gave to the score. A piece that several words have is shared among them, a pair by its two."""
        scale = sqrt(len(self.buckets) or 1)
        shares = {bucket: weights[bucket] / owners / scale for bucket, owners in self._owners.items()}
        given = {word: sum(map(shares.__getitem__, set(buckets))) for word, buckets in self._own.items()}
        for pair, bucket in self._pairs.items():
            for word in pair:
                given[word] += weights[bucket] / scale / 2
        return [given[word.folded] for word in self._words]


def _strongest(text: str, words: list[Word], given: list[float]) -> list[str]:
    """Words in a row that all moved it the same way are one phrase."""
    strengths: dict[str, tuple[float, str]] = {}
    for phrase in _in_a_row(words, given):
        strength = sum(gift for _word, gift in phrase)
        said = text[phrase[0][0].start : phrase[-1][0].end]
        if strength >= LEAST and any(letter.isalnum() for letter in said):
            strengths.setdefault(said.casefold(), (strength, said))
    strongest = sorted(strengths.values(), key=lambda each: each[0], reverse=True)
    return [said for _strength, said in strongest[:SHOWN]]


def _in_a_row(words: list[Word], gifts: Iterable[float]) -> list[list[tuple[Word, float]]]:
    phrases: list[list[tuple[Word, float]]] = [[]]
    for word, gift in zip(words, gifts, strict=True):
        if gift <= 0 or len(phrases[-1]) == LONGEST_PHRASE:
            phrases.append([])
        if gift > 0:
            phrases[-1].append((word, gift))
    return [phrase for phrase in phrases if phrase]
