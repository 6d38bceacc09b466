"""Which names look alike, as a whole: by Unicode's table of confusable characters (UTS 39), case, width and blanks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
import hashlib
import unicodedata

from confusable_homoglyphs.confusables import confusables_data


@lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """The same for names that look alike; empty for one without a letter or digit. Not for showing.

    Beyond UTS 39, for a whole name: accents, blanks and punctuation do not tell names apart, nor do i and l, which
    the table confuses only as capitals.
    """
    stands_for = _stands_for()
    folded = unicodedata.normalize("NFKC", name).casefold()
    for _round in range(2):  # a letter may stand for a capital one, or for two
        folded = "".join(stands_for.get(letter, letter) for letter in folded).casefold()
    plain = unicodedata.normalize("NFKD", folded)
    return "".join(letter for letter in plain if letter.isalnum()).replace("i", "l")


def key(name: str) -> str:
    """For a column: look-alikes have the same. Empty for a name without a letter or digit."""
    bones = skeleton(name)
    return hashlib.sha256(bones.encode()).hexdigest()[:32] if bones else ""


def looks_like_any(name: str, others: Iterable[str]) -> bool:
    bones = skeleton(name)
    return bool(bones) and any(skeleton(other) == bones for other in others)


@cache
def _stands_for() -> dict[str, str]:
    """Each character of Unicode's table with one that stands for all that look like it, as "rn" does for "m".

    The library gives pairs; what is paired with the same one belongs together.
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
    """ASCII first; of that the longest, since "m" is kept as what it may be taken for; letters before digits."""
    return (not text.isascii(), -len(text) if text.isascii() else len(text), not text.isalpha(), text)
