"""Explanation of scores: the weight of each word, including pairs with its neighbours, joined to phrases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from comments.classifier.features import Token, pair_bucket, tokenize, word_buckets
from comments.classifier.weights import ModelParameters

MAX_PHRASES = 5
MAX_PHRASE_WORDS = 5
MIN_PHRASE_WEIGHT = 0.1  # log-odds; phrases with a smaller contribution are not shown


@dataclass(frozen=True)
class Evidence:
    """Phrases as written in the comment, strongest first."""

    increasing: list[str]
    decreasing: list[str]


class TokenizedText:
    """Text tokenized once for all explanations."""

    def __init__(self, text: str) -> None:
        self.text, self._words = text, tokenize(text)
        self._own = {word.normalized: word_buckets(word.normalized) for word in self._words}
        self._owners = Counter(bucket for buckets in self._own.values() for bucket in set(buckets))
        self._pairs = {pair: pair_bucket(*pair) for pair in pairwise(word.normalized for word in self._words)}
        self.buckets = {*self._owners, *self._pairs.values()}

    def evidence(self, parameters: ModelParameters) -> Evidence:
        given = self._word_weights(parameters.weights)
        return Evidence(
            increasing=_strongest(self.text, self._words, given),
            decreasing=_strongest(self.text, self._words, [-gift for gift in given]),
        )

    def _word_weights(self, weights: Sequence[float]) -> list[float]:
        """Return each word's contribution to the score.

        A bucket that several words share is divided among them; a pair is divided between its two words.
        """
        scale = sqrt(len(self.buckets) or 1)
        shares = {bucket: weights[bucket] / owners / scale for bucket, owners in self._owners.items()}
        given = {word: sum(map(shares.__getitem__, set(buckets))) for word, buckets in self._own.items()}
        for pair, bucket in self._pairs.items():
            for word in pair:
                given[word] += weights[bucket] / scale / 2
        return [given[word.normalized] for word in self._words]


def _strongest(text: str, words: list[Token], given: list[float]) -> list[str]:
    """Return the strongest phrases. Consecutive words with contributions of the same sign form a phrase."""
    strengths: dict[str, tuple[float, str]] = {}
    for phrase in _phrases(words, given):
        strength = sum(gift for _word, gift in phrase)
        said = text[phrase[0][0].start : phrase[-1][0].end]
        if strength >= MIN_PHRASE_WEIGHT and any(letter.isalnum() for letter in said):
            strengths.setdefault(said.casefold(), (strength, said))
    strongest = sorted(strengths.values(), key=lambda each: each[0], reverse=True)
    return [said for _strength, said in strongest[:MAX_PHRASES]]


def _phrases(words: list[Token], gifts: Iterable[float]) -> list[list[tuple[Token, float]]]:
    phrases: list[list[tuple[Token, float]]] = [[]]
    for word, gift in zip(words, gifts, strict=True):
        if gift <= 0 or len(phrases[-1]) == MAX_PHRASE_WORDS:
            phrases.append([])
        if gift > 0:
            phrases[-1].append((word, gift))
    return [phrase for phrase in phrases if phrase]
