"""Obfuscated words: separated ("v.i-agra", "vi🙂agra"), spelled out ("v i a g r a", "vi a g ra") or with long letters.

All functions take a normalized line, and time that is linear in its length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product
import re
from typing import TypeVar

from comments.text.normalize import JOINTS, LETTER, SYMBOLS, letter_variants
from comments.text.patterns import KEPT_JOINT, WORD, join_parts
from comments.text.small_words import SMALL_WORDS, WORDS_WITH_L

MAX_PLACES = 10  # of one obfuscated word in one text
_PART = rf"[^ {JOINTS}]"  # a letter or a symbol of a word
_PICTURE = rf" [^\w {SYMBOLS}{JOINTS}] "  # an emoji within a word; next to spaces there are further spaces
_PULLED = [  # first the ordinary separators, then any; atomic, since possessive groups have a bug in Python 3.11.2
    (re.compile(rf"(?:{joint}){_PART}"), re.compile(rf"(?<!{_PART})(?>{_PART}+(?:(?:{joint})+{_PART}+)+)"))
    for joint in ("['-]", rf"[{JOINTS}]|{_PICTURE}")
]
_JOINT = re.compile(rf"(?>(?:[{JOINTS}]|{_PICTURE})+)")
_BLANKS = rf"[ {SYMBOLS}{JOINTS}]++"
_SPELLED = re.compile(  # with the text before and after the letters
    rf"(?<!{LETTER})({LETTER}{{2,}}+{_BLANKS})?((?>{LETTER}(?:{_BLANKS}{LETTER}(?!{LETTER}))+))(?=({_BLANKS}{LETTER}++)?)"
)
_MAY_BE_SPELLED = re.compile(rf" {LETTER} {LETTER} ")
_NO_LETTER = re.compile(r"\W")  # spaces, symbols, and emoji between letters
_NO_LETTER_OR_SYMBOL = re.compile(rf"[^\w{SYMBOLS}]")
_EDGES = "!|"
_SEPARATORS = f" {SYMBOLS}{JOINTS}"
_FLAGS = {0x1F1E6 + number: chr(ord("a") + number) for number in range(26)}
_MIN_SPELLED_LETTERS = 3
_REPEATED_LETTERS = re.compile(r"([^\W\d])\1\1+")

_STARRED = re.compile(r"(?<![\w*])(?>[^\W_]+)(\*{1,2})(?>[^\W_]+)(?![\w*])")
_FEWEST_BESIDE_STARS = {1: 3, 2: 2}  # minimum number of letters, by the number of stars
_FEWEST_BESIDE_DIGITS = 5
_FEWEST_SPLIT, _FEWEST_HALF = 6, 2
_FEWEST_WITH_L = 5
_AN_I = re.compile("(?<!l)i(?!l)")  # "falls" does not obfuscate "fails"
_DIGITS = "0123456789"
Span = tuple[int, int]
_T = TypeVar("_T")
_P = TypeVar("_P")


class SpelledOutWord:
    """Row of single letters, maybe with emoji between them.

    `before` and `after` are the neighbouring words including the separators; they may be empty.
    """

    def __init__(self, before: str, text: str, after: str) -> None:
        self.before, self.text, self.after = before, text.translate(_FLAGS), after
        self.letters = _NO_LETTER.sub("", self.text)

    def with_neighbours(self) -> Iterator[tuple[str, Span]]:
        """Yield the letters joined with the neighbouring words, with their spans relative to the row."""
        before, after = self.before.rstrip(_SEPARATORS), self.after.lstrip(_SEPARATORS)
        start, end = -len(self.before), len(self.text) + len(self.after)
        if before:
            yield before + self.letters, (start, len(self.text))
        if after:
            yield self.letters + after, (0, end)
        if before and after:
            yield before + self.letters + after, (start, end)

    def span(self, first: int, last: int) -> Span:
        """Return the span of some of the letters, relative to the row."""
        return self._places[first], self._places[last] + 1

    @cached_property
    def _places(self) -> list[int]:
        return [place for place, character in enumerate(self.text) if not _NO_LETTER.match(character)]


def find_spelled_out(line: str, words: str) -> list[tuple[SpelledOutWord, list[int]]]:
    """Return the spelled-out words of a line with their positions; `words` are its words joined by single spaces."""
    if not _MAY_BE_SPELLED.search(words):
        return []
    found = ((match.groups(default=""), match.start(2)) for match in _SPELLED.finditer(line))
    return [(SpelledOutWord(*parts), starts) for parts, starts in _first_places(found).items()]


def deobfuscate(line: str, rows: Iterable[tuple[SpelledOutWord, list[int]]]) -> dict[str, list[Span]]:
    """Return all variants of the separated and spelled-out words, with their spans."""
    words: dict[str, list[Span]] = {}
    for disguised, spans in _first_places(_pulled_apart(line)).items():
        for reading in _part_variants(join_parts(disguised, _JOINT)):
            words.setdefault(reading, []).extend(spans)
    for row, starts in rows:
        if len(row.letters) >= _MIN_SPELLED_LETTERS:
            for reading in variants(row.letters) | variants(_NO_LETTER_OR_SYMBOL.sub("", row.text)):
                words.setdefault(reading, []).extend((start, start + len(row.text)) for start in starts)
    return words


def variants(word: str) -> set[str]:
    """Return the word without symbols at its edges or with letters for symbols, and without repeated letters."""
    if word.isalpha() and not has_repeated_letters(word):
        return {word}
    found = {*WORD.findall(word), *letter_variants(word)}
    return found.union(*(collapse_repeats(reading) for reading in found if has_repeated_letters(reading)))


def _part_variants(word: str) -> set[str]:
    """Return the variants of a word that may contain KEPT_JOINT."""
    return set(map(KEPT_JOINT.join, product(*map(variants, word.split(KEPT_JOINT)))))


def has_repeated_letters(word: str) -> bool:
    return bool(_REPEATED_LETTERS.search(word))


def collapse_repeats(word: str) -> set[str]:
    """Return a word with repeated letters ("viiiagra") with single and with double letters."""
    return {_REPEATED_LETTERS.sub(r"\1", word), _REPEATED_LETTERS.sub(r"\1\1", word)}


def with_stars(word: str) -> Iterator[str]:
    """Yield the word with one or two inner letters hidden: "v*agra", "vi**ra"."""
    for length, fewest in _FEWEST_BESIDE_STARS.items():
        for start in range(1, len(word) - length) if len(word) - length >= fewest else ():
            yield f"{word[:start]}{'*' * length}{word[start + length :]}"


def with_l(word: str) -> set[str]:
    """Return the word with "l" for one "i" or for all ("idlot", "ldlot"), without ordinary words."""
    places = [match.start() for match in _AN_I.finditer(word)] if len(word) >= _FEWEST_WITH_L else []
    found = {f"{word[:place]}l{word[place + 1 :]}" for place in places}
    return (found | {_AN_I.sub("l", word)} if places else found) - WORDS_WITH_L


def starred(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield words with stars for letters: the start of the word, the start of the stars, and the end of the word."""
    if "*" in text:
        for match in _STARRED.finditer(text):
            yield match.start(), match.start(1), match.end()


def less_digits(word: str) -> str:
    """Return the word in "viagra1" or "24viagra"; empty for a word without digits at an end or a short one."""
    if not (word[-1:].isdigit() or word[:1].isdigit()):
        return ""
    bare = word.strip(_DIGITS)
    return bare if len(bare) >= _FEWEST_BESIDE_DIGITS and bare != word else ""


def put_together(first: str, second: str) -> str:
    """Return the word whose halves two words may be ("via gra"); empty if the halves are too short or too common."""
    if len(first) + len(second) < _FEWEST_SPLIT or min(len(first), len(second)) < _FEWEST_HALF:
        return ""
    return "" if first in SMALL_WORDS or second in SMALL_WORDS else first + second


def _pulled_apart(line: str) -> Iterator[tuple[str, Span]]:
    for joined, pulled in _PULLED:
        for match in pulled.finditer(line) if joined.search(line) else ():
            word = match[0].strip(_EDGES)
            start = match.start() + match[0].index(word)
            yield word, (start, start + len(word))


def _first_places(found: Iterable[tuple[_T, _P]]) -> dict[_T, list[_P]]:
    """Group positions by text, at most MAX_PLACES each, so that repeated text is examined once."""
    places: defaultdict[_T, list[_P]] = defaultdict(list)
    for what, place in found:
        if len(places[what]) < MAX_PLACES:
            places[what].append(place)
    return places
