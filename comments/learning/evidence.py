"""Which phrases of a comment moved its score, up or down: what every word gave, together with its neighbours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from comments.learning.features import Word, pair_bucket, word_buckets, words_of
from comments.learning.parameters import Parameters

SHOWN = 5
LONGEST_PHRASE = 5  # words
LEAST = 0.1  # of a phrase, in log-odds: what moves the score by less is not shown


@dataclass(frozen=True)
class Evidence:
    """As they stand in the comment, the strongest first."""

    raised: list[str]
    lowered: list[str]


def evidence(text: str, parameters: Parameters) -> Evidence:
    words = words_of(text)
    given = _given(words, parameters)
    return Evidence(raised=_strongest(text, words, given, +1), lowered=_strongest(text, words, given, -1))


def _given(words: list[Word], parameters: Parameters) -> list[float]:
    """What each word gave to the score. A piece that several words have is shared among them, a pair by its two."""
    distinct = {word.folded: word_buckets(word.folded) for word in words}
    pairs = {(first.folded, second.folded) for first, second in pairwise(words)}
    owners = Counter(bucket for buckets in distinct.values() for bucket in set(buckets))
    scale = sqrt(len(owners.keys() | {pair_bucket(*pair) for pair in pairs}) or 1)
    weights = parameters.weights
    own = {
        word: sum(weights[bucket] / owners[bucket] for bucket in set(buckets)) / scale
        for word, buckets in distinct.items()
    }
    shared: defaultdict[str, float] = defaultdict(float)
    for pair in pairs:
        for word in pair:
            shared[word] += weights[pair_bucket(*pair)] / scale / 2
    return [own[word.folded] + shared[word.folded] for word in words]


def _strongest(text: str, words: list[Word], given: list[float], sign: int) -> list[str]:
    """Words in a row that all moved it the same way are one phrase."""
    strengths: dict[str, tuple[float, str]] = {}
    for phrase in _in_a_row(words, [gift * sign for gift in given]):
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
