"""Detection of false claims in guests' names: a staff name with additions or in another order, or a newsroom role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import cache
import re

from comments.text.confusables import cached_skeletons, confusable_skeletons, is_sign, skeleton_variants
from comments.text.role_words import AUTHORITY, AUTHORITY_WITHIN, FILLERS, ROLES

MAX_WORDS = 30  # words of a name that are checked; the field has no room for more
MAX_LETTERS = 120
MIN_LETTERS_JOINED = 8  # minimum length of a full name that is found without its spaces: "Li Na" is not in "Lina Berg"
MIN_LETTERS_JOINED_ROLE = 3  # the same for a role

_BETWEEN_WORDS = ",;:()[]{}"  # other symbols may represent a letter: "|nes"
_WITHIN_WORDS = "-'’"
_TAIL = re.compile(r"[-'’‘ʼ`´]\w?(?!\w)")  # "Quaile's" and "Quaile-x" count as Quaile
_IN_ADDRESS = re.compile("[.@/:]+")
_LETTERS = str.maketrans("3457@$€!", "eastasei")  # 0, 1 and | look like letters: confusables.py knows them


class NameClaim(IntEnum):
    """Claim of a name; a higher value is a stronger claim."""

    NOTHING = 0
    ROLE = 1
    STAFF_NAME = 2
    RESERVED = 3  # only the newsroom may use it


class ReservedNames:
    """Index of reserved names; a lookup does not depend on how many there are.

    `people` are staff and authors, `sites` the names of the site, `listed` the reserved names of the settings.
    """

    def __init__(self, *, people: Iterable[str], sites: Iterable[str], listed: Iterable[str]) -> None:
        people, sites, listed = set(people), set(sites), set(listed)
        self._exact = _all_skeletons(people | sites | listed)
        self._listed_words = _all_skeletons(name for name in listed if len(_words(name)) == 1)
        self._single_names = _all_skeletons(name for name in people if len(_words(name)) == 1)
        self._sites = {
            words for name in sites for words in map(_without_fillers, skeleton_variants(_words(name))) if words
        }
        self._site_nouns = {
            words[-1] for words in self._sites
        }  # "Courant" of "The Hallersiel Courant", without the place
        self._joined_sites = {"".join(words) for words in self._sites}
        self._joined: dict[str, int] = {}  # full names without spaces, also reversed: number of words
        self._having: dict[str, set[tuple[str, ...]]] = {}  # full names by each of their words
        for name in people | listed:
            for words in skeleton_variants(_words(name)):
                if len(words) > 1:
                    self._add(words)
        # In names without spaces a role alone is not enough; these words with "the" or a number are.
        weighty = [*_authority(), *_authority_within(), *self._listed_words, *map("".join, self._sites)]
        weights = {"the": 0} | dict.fromkeys(_roles(), 1) | dict.fromkeys(weighty, 2)
        self._weights = {
            word: weight
            for word, weight in weights.items()
            if len(word) >= MIN_LETTERS_JOINED_ROLE or word in _authority_within()
        }
        self._lengths = {len(word) for word in self._weights}

    def _add(self, words: tuple[str, ...]) -> None:
        for order in (words, words[::-1]):
            self._joined["".join(order)] = len(words)
        for word in words:
            self._having.setdefault(word, set()).add(words)

    def classify(self, name: str) -> NameClaim:
        """Return the strongest claim among all ways to read the name."""
        name = name[:MAX_LETTERS]
        return max(map(self._classify_reading, {name, _with_letters(name)}))

    def _classify_reading(self, name: str) -> NameClaim:
        bones = confusable_skeletons(name)
        if not bones.isdisjoint(self._exact) or self._is_address_of_site(name):
            return NameClaim.RESERVED
        claims = {self._classify_letters(letters[:MAX_LETTERS]) for letters in bones}
        without_tails = _TAIL.sub(" ", name)
        apart = {_words(each) for each in (name, without_tails)}
        apart |= {_words(each, is_sign, besides=_WITHIN_WORDS) for each in (name, without_tails)}
        for words in apart:
            claims.update(map(self._classify_words, skeleton_variants(words)))
        if (parted := _words(name, is_sign)) not in apart:  # "Ann Smith-Jones" is not Ann Smith
            claims |= set(map(self._classify_words, skeleton_variants(parted))) - {NameClaim.STAFF_NAME}
        return max(claims, default=NameClaim.NOTHING)

    def _is_address_of_site(self, name: str) -> bool:
        """Return whether the name is a domain, URL or email address with the site's name before its last label."""
        *labels, last = _IN_ADDRESS.split(name.strip(" /"))
        if not labels or not last or len(name.split()) > 1:
            return False
        return any(not confusable_skeletons(label).isdisjoint(self._joined_sites) for label in labels)

    def _classify_words(self, words: tuple[str, ...]) -> NameClaim:
        """Classify a name by its words, in any order."""
        beside_a_name = self._besides_a_full_name(words)
        if beside_a_name is not None:
            return NameClaim.RESERVED if self._is_official_context(beside_a_name) else NameClaim.STAFF_NAME
        site = self._site_in(words)
        meaning = [word for word in _without_fillers(words) if word not in site and not _is_number(word)]
        official = [word for word in meaning if self._is_official(word)]
        single_names = [word for word in meaning if word in self._single_names]
        has_authority = any(word in _authority() for word in official)
        counts_twice = bool(site) or has_authority or not self._listed_words.isdisjoint(official)
        if len(official) == len(meaning) and len(words) > 1 and (counts_twice or len(official) > 1):
            return NameClaim.RESERVED  # there are no other words
        if single_names and (site or official) and len(official) + len(single_names) == len(meaning):
            return NameClaim.RESERVED
        nouns = [word for word in meaning if word in self._site_nouns]
        is_role_at_site = bool(official) and len(official) + len(nouns) == len(meaning) and bool(nouns)
        return NameClaim.ROLE if has_authority or (site and official) or is_role_at_site else NameClaim.NOTHING

    def _besides_a_full_name(self, words: Sequence[str]) -> list[str] | None:
        """Return the words besides a full name that is among them, in any order; None if there is no full name."""
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                run = "".join(words[start:end])
                if run in self._joined and (self._joined[run] == end - start or len(run) >= MIN_LETTERS_JOINED):
                    return [*words[:start], *words[end:]]
        present = set(words)
        for word in words:
            for full in self._having.get(word, ()):
                if present.issuperset(full):
                    return [each for each in words if each not in full]
        return None

    def _site_in(self, words: Sequence[str]) -> tuple[str, ...]:
        return next((site for site in self._sites if set(site) <= set(words)), ())

    def _is_official_context(self, words: Sequence[str]) -> bool:
        return bool(self._site_in(words)) or any(map(self._is_official, words))

    def _is_official(self, word: str) -> bool:
        return word in _authority() or word in _roles() or word in self._listed_words

    def _classify_letters(self, letters: str) -> NameClaim:
        """Classify a name without its spaces: only official words, or a full name among them."""
        reached = self._official_words(letters)
        for end, (words, weight) in reached.items():
            is_whole = end == len(letters) or bool(end and _is_number(letters[end:]))
            if is_whole and weight > 1 and words + (end < len(letters)) > 1:
                return NameClaim.RESERVED
        for start, (_words_before, weight) in reached.items():
            for end in range(start + 1, len(letters) + 1):
                name, rest = letters[start:end], letters[end:]
                if name in self._joined or name in self._single_names:
                    if weight + self._official_words(rest).get(len(rest), (0, 0))[1]:
                        return NameClaim.RESERVED
                    if _is_number(rest) and len(name) >= MIN_LETTERS_JOINED:
                        return NameClaim.STAFF_NAME
        has_authority = any(each in letters for each in _authority_within())
        return NameClaim.ROLE if has_authority else NameClaim.NOTHING

    def _official_words(self, letters: str) -> dict[int, tuple[int, int]]:
        """Return the positions up to which the letters are official words only, with their number and weight."""
        reached = {0: (0, 0)}
        for place in range(len(letters)):
            if place in reached:
                words, weight = reached[place]
                for length in self._lengths & set(range(len(letters) - place + 1)):
                    part, end = letters[place : place + length], place + length
                    if part in self._weights:
                        reached[end] = max(reached.get(end, (0, 0)), (words + 1, weight + self._weights[part]))
        return reached


def _with_letters(name: str) -> str:
    """Return the name with letters for digits and symbols in words that have a letter: "admin" for "@dm1n"."""
    words = [word.translate(_LETTERS) if any(map(str.isalpha, word)) else word for word in name.split(" ")]
    return " ".join(words)


def _words(
    name: str, is_between: Callable[[str], bool] = _BETWEEN_WORDS.__contains__, *, besides: str = ""
) -> tuple[str, ...]:
    """Return the parts between whitespace and separators; characters of `besides` do not separate."""
    parted = (" " if is_between(letter) and letter not in besides else letter for letter in name)
    return tuple("".join(parted).split()[:MAX_WORDS])


def _without_fillers(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _fillers())


def _all_skeletons(names: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*map(cached_skeletons, names))


def _is_number(letters: str) -> bool:
    return bool(letters) and _digits().issuperset(letters)


@cache
def _authority() -> frozenset[str]:
    return _all_skeletons(AUTHORITY)


@cache
def _authority_within() -> frozenset[str]:
    return _all_skeletons(AUTHORITY_WITHIN)


@cache
def _roles() -> frozenset[str]:
    return _all_skeletons(ROLES)


@cache
def _fillers() -> frozenset[str]:
    return _all_skeletons(FILLERS)


@cache
def _digits() -> frozenset[str]:
    """Return the characters of skeletons of digits."""
    return frozenset("".join(skeleton for digit in "0123456789" for skeleton in confusable_skeletons(digit)))
