"""Text as spammers mean it: case, accents, look-alike letters, invisible characters, digits for letters undone.

`Folded(text).readings()` are lines that all have one length: characters of words, a blank or a hyphen between them, and
maybe one of SYMBOLS. A hyphen stands for punctuation that may also stand within a word ("v.i.a-gra"). Every place in a
line leads back to the text. Time is linear in the text's length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
import re
import unicodedata

from comments.names import stands_for
from comments.text import is_blank

SYMBOLS = "@$!|€"  # these may stand for letters: "vi@gra"
LETTER = rf"[^ \-{SYMBOLS}]"
_AS_I: _Table = str.maketrans("0134578" + "9@$!|€", "oieastb" + "gasiie")
_AS_L: _Table = {**_AS_I, **dict.fromkeys(map(ord, "1!|"), "l")}
_MAY_SPOIL = re.compile(rf"[\d{SYMBOLS}]")
_READ_TWO_WAYS = re.compile(r"[1!|]")
_SPOILT = re.compile(rf"(?<![^ \-])[^ \-\d{SYMBOLS}]*+[\d{SYMBOLS}][^ \-]*+")  # a part of a word with one of them
_EDGES = "!|"  # at the end of a word they are punctuation

_WITHIN_WORDS = set(".'’‘*~+·•_^`´=")
_ACCENTS = {1, *range(10, 37), *range(200, 256)}  # Unicode's classes; the others are vowels and voicing in some scripts
_MIXED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE")  # whose letters are taken for each other
_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA")  # each of their characters counts as a word
_STROKES = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ɨ": "i", "ƀ": "b"}
_REMEMBERED = 20_000
REACH = 300  # characters around a digit or symbol that was read as a letter: longer than any phrase

_Table = Mapping[int, int | str]


class Folded:
    """A text, folded. `line` is the reading without digits and symbols for letters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = [_FOLDS[character] for character in text]
        self.line = "".join(self._pieces)

    def readings(self) -> list[str]:
        """`line`, then with digits and symbols as letters, then with 1 as "l", not "i": those that differ.

        Of the second and third only the surroundings of what differs are there; the rest is blank.
        """
        if not _MAY_SPOIL.search(self.line):
            return [self.line]
        tables = [_AS_I, _AS_L] if _READ_TWO_WAYS.search(self.line) else [_AS_I]
        return list(dict.fromkeys([self.line, *filter(None, (_read(self.line, table) for table in tables))]))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text this part of a line (not empty) came from, with the marks on its last letter."""
        first, last = self._origins[start], self._origins[end - 1] + 1
        while last < len(self.text) and not self._pieces[last]:
            last += 1
        return first, last

    @cached_property
    def _origins(self) -> Sequence[int]:
        if len(self.line) == len(self.text) and "" not in self._pieces:  # one for one, as most texts are
            return range(len(self.text))
        return [place for place, piece in enumerate(self._pieces) for _letter in piece]


def _read(line: str, table: _Table) -> str:
    """Empty if that changes nothing."""
    changed: list[tuple[int, int]] = []

    def unspoilt(part: re.Match[str]) -> str:
        letters = _unspoilt(part[0], table)
        if letters != part[0]:
            changed.append(part.span())
        return letters

    reading = _SPOILT.sub(unspoilt, line)
    return _surroundings(reading, changed) if changed else ""


def _surroundings(line: str, places: list[tuple[int, int]]) -> str:
    """Of whole words, since half a word is another. Everything else is blank."""
    windows: list[tuple[int, int]] = []
    for start, end in places:
        if windows and start - REACH <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end + REACH)
        else:
            windows.append((max(start - REACH, 0), end + REACH))
    kept, done = "", 0
    for start, end in windows:
        first = max(line.rfind(" ", done, max(start, done)) + 1, done)
        blank = line.find(" ", end)
        last = max(blank if blank >= 0 else len(line), first)
        kept += " " * (first - done) + line[first:last]
        done = last
    return kept + " " * (len(line) - done)


def _unspoilt(part: str, table: _Table) -> str:
    """A number stays a number."""
    inner = part.strip(_EDGES)
    if not any(letter.isalpha() for letter in inner):
        return part
    return part.replace(inner, inner.translate(table), 1)


class _Folds(dict[str, str]):
    """What becomes of each character: learnt when first seen, in a table that cannot grow for ever."""

    def __missing__(self, character: str) -> str:
        folded = _fold(character)
        if len(self) < _REMEMBERED:
            self[character] = folded
        return folded


_FOLDS = _Folds()


def _fold(character: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(_fold_plain(each) for each in plain)


def _fold_plain(character: str) -> str:  # noqa: PLR0911 (a table of cases)
    category = unicodedata.category(character)
    if character in SYMBOLS:
        return character
    if category[0] == "Z" or character in "\n\r\t\v\f":
        return " "
    if category[0] == "M":
        is_accent = category == "Me" or unicodedata.combining(character) in _ACCENTS or _selects_a_variant(character)
        return "" if is_accent else character
    if is_blank(character) or _selects_a_tone(character):
        return ""
    if category[0] in "LN":
        return _letter(character)
    if category in {"So", "Cn"}:  # an emoji is a word of its own, unless it is a letter in a box
        _box, is_boxed, letter = unicodedata.name(character, "").partition(" LATIN CAPITAL LETTER ")
        return letter.casefold() if is_boxed else f" {character} "
    return "-" if category in {"Pd", "Pc"} or character in _WITHIN_WORDS else " "


def _letter(character: str) -> str:
    if character.isascii():
        return character
    script = unicodedata.name(character, "").split(" ", 1)[0].split("-")[0]
    if script in _WITHOUT_BLANKS:
        return f" {character} "
    alike = _STROKES.get(character) or stands_for().get(character, "").casefold()
    is_letter_of_ours = alike.isascii() and alike.isalpha()
    return alike if script in _MIXED_SCRIPTS and is_letter_of_ours else character


def _selects_a_variant(mark: str) -> bool:
    return "\ufe00" <= mark <= "\ufe0f" or "\U000e0100" <= mark <= "\U000e01ef"


def _selects_a_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"
