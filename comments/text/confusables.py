"""Skeletons of names that look alike: by Unicode's table of confusables (UTS 39), case, width and whitespace."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
import hashlib
import re
import unicodedata

from confusable_homoglyphs.confusables import confusables_data

from articles.text import INVISIBLE

# Letters in circles or squares, inverted, or as flags, which Unicode classifies as symbols.
_LETTER_PICTURES = {
    first + n: chr(ord("A") + n) for first in (0x24B6, 0x24D0, 0x1F150, 0x1F170, 0x1F1E6) for n in range(26)
}
# Letters with strokes and hooks, which Unicode does not decompose like accents, and small capitals.
_VARIANT_LETTER_NAME = re.compile("LATIN (?:(SMALL) LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH |$)")
# Modifiers above, below or beside a letter that Unicode classifies as letters.
_MODIFIERS = re.compile("[\u02b9-\u02df\u02ec\u02ee\ua717-\ua71f\ua788]")


def confusable_skeletons(name: str) -> frozenset[str]:
    """Return the skeletons of a name; names that look alike share one. They are not for display.

    A name without a letter or digit has none. A name has several, since the capital of a letter may look like a
    different letter than its lower case (as written, upper case, lower case), and a symbol may represent a letter
    ("|nes") or nothing ("Editor‖").
    """
    return frozenset(bones for reading in skeleton_variants([name]) for bones in reading)


def skeleton_variants(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the skeletons of all words together, once for each way to read them.

    Words without a skeleton are left out.
    """
    ways = {
        tuple(_plain(way(word)) for word in words)
        for way in (str, lambda word: _without_signs(_plain_letters(word), beyond_ascii=True), _without_signs)
    }
    cases = {tuple(map(case, way)) for way in ways for case in (str, str.upper, str.casefold)}
    return {tuple(filter(None, map(_skeleton, case))) for case in cases}


@lru_cache(maxsize=2_000)  # bounded, because readers can make up names
def confusable_key(name: str) -> str:
    """Return a key that most look-alikes share; empty for a name without a letter or digit."""
    # A name that consists of symbols only is read as it is.
    ways = (_without_signs(_plain_letters(name), beyond_ascii=True), name)
    bones = next(filter(None, (_skeleton(_plain(way).upper()) for way in ways)), "")
    return _hash(bones) if bones else ""


def confusable_keys(name: str) -> set[str]:
    """Return the keys of all names that this one looks like."""
    return {confusable_key(name), *map(_hash, confusable_skeletons(name))} - {""}


@lru_cache(maxsize=20_000)
def cached_skeletons(name: str) -> frozenset[str]:
    """Return the skeletons of a reserved name from a cache, which readers' names must not fill."""
    return confusable_skeletons(name)


def _hash(bones: str) -> str:
    return hashlib.sha256(bones.encode()).hexdigest()[:32]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", _plain_letters(INVISIBLE.sub("", name)))


def _plain_letters(name: str) -> str:
    """Return the name with plain letters for stylized ones."""
    return name.translate(_plain_letter_map())


def _without_signs(name: str, *, beyond_ascii: bool = False) -> str:
    """Return the name without punctuation and symbols, or only without those outside ASCII."""
    return "".join(letter for letter in name if not is_sign(letter) or (beyond_ascii and letter.isascii()))


def is_sign(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS" or bool(_MODIFIERS.match(letter))


@cache
def _plain_letter_map() -> dict[int, str]:
    drawn = dict(_LETTER_PICTURES)
    for code in range(0x80, 0xAC00):
        if found := _VARIANT_LETTER_NAME.match(unicodedata.name(chr(code), "")):
            drawn[code] = found[2].casefold() if found[1] else found[2]
    return drawn


def _skeleton(name: str) -> str:
    """Return a skeleton beyond UTS 39: accents, whitespace and punctuation do not distinguish whole names."""
    alike = confusable_representatives()
    for _round in range(2):  # a letter may map to a capital letter, or to two letters
        name = "".join(alike.get(letter, letter) for letter in name).casefold()
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if letter.isalnum())


@cache
def confusable_representatives() -> dict[str, str]:
    """Map each character of Unicode's table to a representative of all that look like it, as "rn" for "m".

    The library has pairs; characters that are paired with the same one form a group.
    """
    group: dict[str, set[str]] = {}
    for character, alike in confusables_data.items():
        together = {character, *(each["c"] for each in alike)}
        for other in list(together):
            together |= group.get(other, set())
        group.update(dict.fromkeys(together, together))
    chosen: dict[int, str] = {}
    for members in group.values():
        if id(members) not in chosen:
            chosen[id(members)] = min(members, key=_plainness)
    return {character: chosen[id(members)] for character, members in group.items() if len(character) == 1}


def _plainness(text: str) -> tuple[bool, int, bool, str]:
    """Return a sort key: ASCII first, then the longest, since "m" is mapped to "rn"; letters before digits."""
    return (not text.isascii(), -len(text) if text.isascii() else len(text), not text.isalpha(), text)
