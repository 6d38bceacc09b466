"""Normalized text for matching: case, accents, look-alike letters, invisible characters, digits as letters.

`NormalizedText(text).variants()` are lines of equal length. They consist of characters of words, separated by a space
or one of JOINTS, and may contain SYMBOLS. Punctuation that may also be within a word ("v*i*a-gra") becomes a hyphen,
or an apostrophe if it is ordinary between two words ("I'll", "Stop.Go"). Other punctuation becomes a quotation mark,
or a slash if it is ordinary there ("this,that"). Every position in a line maps back to the text. Time is linear in
the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
import re
import unicodedata

from articles.text import INVISIBLE
from comments.text.confusables import confusable_representatives

SYMBOLS = "@$!|€"  # may represent letters: "vi@gra"
JOINTS = "'/\"-"  # the hyphen is last, so that JOINTS can be used in a character class
ORDINARY = "'/"
LETTER = rf"[^ {SYMBOLS}{JOINTS}]"
_AS_I: _Table = str.maketrans("0134578" + "9@$!|€", "oieastb" + "gasiie")
_AS_L: _Table = {**_AS_I, **dict.fromkeys(map(ord, "1!|"), "l")}
_DISGUISE = re.compile(rf"[\d{SYMBOLS}]")
_AMBIGUOUS = re.compile(r"[1!|]")
_END_OF_PART = re.compile(rf"[ {JOINTS}]|$")
_A_LETTER = re.compile(r"[^\W\d_]")
_EDGES = "!|"  # punctuation at the end of a word

_WITHIN_WORDS = set("'’‘*~+·•_^`´=‐‑-")
_WITHIN_AND_BETWEEN_WORDS = "."  # and dashes
_BETWEEN_WORDS = set(",;:?/\\&،؛؟।")
_CONTRACTED = re.compile(r"(?<=\w)['’‘ʼ`´＇](?=(?:ll|re|ve|[dsmt])(?!\w))", re.IGNORECASE)  # he’ll is not hell
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")  # words separated by spaces may be joined, paragraphs are not
# A lower-case L among capitals may be an I, and a capital I after a lower-case letter an L: "IDlOT", "heII".
_EITHER_WAY = re.compile(r"(?<=[A-Z])l(?=[A-Z])|(?<![^\W_])l(?=[A-Z])|(?<=[A-Z]{2})l(?![^\W_])|(?<=[a-z])I+(?![A-Z])")
_ACCENTS = {
    1,
    *range(10, 37),
    *range(200, 256),
}  # canonical combining classes; the others are vowels and voicing marks of some scripts
_IGNORED_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_MIXED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE")  # scripts whose letters look alike
_CASED_SCRIPTS = set(map(chr, range(0x370, 0x590)))  # Greek, Cyrillic, Armenian
_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA")  # scripts without spaces; each character counts as a word
_LATIN_VARIANT = re.compile(r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .*)?$")  # ø, ȼ, ᴀ
_I_OR_L = "ӏǀ"
_BOXED_LETTER = re.compile(r".* LATIN CAPITAL LETTER ([A-Z])$")
_MAX_CACHED = 20_000
WINDOW_CHARACTERS = 300  # characters around a digit or symbol that was read as a letter; longer than any phrase

_Table = Mapping[int, int | str]
_Span = tuple[int, int]


class NormalizedText:
    """Normalized text; `line` is the variant that does not read digits and symbols as letters."""

    def __init__(self, text: str) -> None:
        self.text = text
        plain = text if text.isascii() else _without_foreign_capitals(text)
        self._pieces = list(map(_NORMALIZED.__getitem__, plain))
        for apostrophe in _CONTRACTED.finditer(plain):
            self._pieces[apostrophe.start()] = "'"
        for letters in _EITHER_WAY.finditer(plain):
            self._pieces[letters.start() : letters.end()] = "1" * len(letters[0])
        for gap in _EMPTY_LINE.finditer(plain):
            self._pieces[gap.end() - 1] = '"'
        self.line = "".join(self._pieces)

    def variants(self) -> list[str]:
        """Return the distinct variants of the text.

        These are `line`, then digits and symbols as letters, then with 1 as "l" instead of "i".
        """
        return list(dict.fromkeys([self.line, *(line for line, _changed in self._others())]))

    def segments(self) -> Iterator[tuple[int, str]]:
        """Yield parts of the variants for a long text, each with its offset in `line`.

        The first is the whole `line`. Of the other variants only the context of differences is returned.
        """
        yield 0, self.line
        for line, changed in self._others():
            for first, last in _windows(line, changed):
                yield first, line[first:last]

    def place(self, start: int, end: int) -> _Span:
        """Return the span in the text of a non-empty part of a line, including the marks on its last letter."""
        first, last = self._origins[start], self._origins[end - 1] + 1
        while last < len(self.text) and not self._pieces[last]:
            last += 1
        return first, last

    @cached_property
    def _origins(self) -> Sequence[int]:
        if len(self.line) == len(self.text) and "" not in self._pieces:  # each character maps to one, as in most texts
            return range(len(self.text))
        return [place for place, piece in enumerate(self._pieces) for _letter in piece]

    def _others(self) -> Iterator[tuple[str, list[_Span]]]:
        """Yield further variants, with the spans that differ from the variant before."""
        spoilt = _disguised_parts(self.line)
        first, changed = _replace_disguises(self.line, spoilt, _AS_I)
        if not changed:
            return
        yield first, changed
        if both := [(start, end) for start, end in changed if _AMBIGUOUS.search(self.line, start, end)]:
            yield _replace_disguises(self.line, spoilt, _AS_L)[0], both


def _disguised_parts(line: str) -> list[_Span]:
    """Return the parts of words that contain a digit or a symbol."""
    parts: list[_Span] = []
    done = 0
    for sign in _DISGUISE.finditer(line):
        place = sign.start()
        if place >= done:
            start = max(done, *(line.rfind(edge, done, place) + 1 for edge in f" {JOINTS}"))
            done = next(_END_OF_PART.finditer(line, place)).start()
            parts.append((start, done))
    return parts


def _replace_disguises(line: str, parts: list[_Span], table: _Table) -> tuple[str, list[_Span]]:
    """Return the line with letters instead of digits and symbols in these parts, and the changed parts."""
    changed, pieces, done = [], [], 0
    for start, end in parts:
        part = line[start:end]
        letters = _undisguise(part, table)
        if letters != part:
            pieces += [line[done:start], letters]
            changed.append((start, end))
            done = end
    return "".join([*pieces, line[done:]]), changed


def letter_variants(word: str) -> set[str]:
    """Return the other readings of one word, which was joined from several parts."""
    return {_undisguise(word, table) for table in (_AS_I, _AS_L)} if _DISGUISE.search(word) else set()


def _undisguise(part: str, table: _Table) -> str:
    """Return the part with letters for digits and symbols; numbers are not changed."""
    inner = part.strip(_EDGES)
    return part.replace(inner, inner.translate(table), 1) if _A_LETTER.search(inner) else part


def _windows(line: str, places: list[_Span]) -> Iterator[_Span]:
    """Yield the context of each place, extended to whole words."""
    windows: list[_Span] = []
    for start, end in places:
        if windows and start - WINDOW_CHARACTERS <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end + WINDOW_CHARACTERS)
        else:
            windows.append((max(start - WINDOW_CHARACTERS, 0), end + WINDOW_CHARACTERS))
    done = 0
    for start, end in windows:
        first = max(line.rfind(" ", done, max(start, done)) + 1, done)
        blank = line.find(" ", end)
        done = max(blank if blank >= 0 else len(line), first)
        yield first, done


class _NormalizedCharacters(dict[str, str]):
    """Bounded cache of normalized characters, filled on first use."""

    def __missing__(self, character: str) -> str:
        folded = _normalize(character)
        if len(self) < _MAX_CACHED:
            self[character] = folded
        return folded


_NORMALIZED = _NormalizedCharacters()


def _normalize(character: str) -> str:
    small = character.casefold()
    if not small.isascii() and _is_of_mixed_script(small[0]) and (letters := _letters_like(small)):
        return letters  # before decomposition: "ϲ" looks like c, and is compatible with sigma
    if unicodedata.category(character) == "Sk":
        return _normalize_decomposed(character)  # a decomposed "¨" would be a space with an accent
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(_normalize_decomposed(each) for each in plain)


def _normalize_decomposed(character: str) -> str:
    kind, is_ignored = unicodedata.category(character), _is_ignored(character)
    match kind[0]:
        case _ if is_ignored:
            return ""
        case "L" | "N":
            return _letter(character)
        case "M":
            return character
        case "P" | "S" if kind != "So":
            return character if character in SYMBOLS else _punctuation(character)
    return _symbol(character) if kind in {"So", "Cn"} else " "


def _is_ignored(character: str) -> bool:
    """Return whether a character is invisible or an accent."""
    kind = unicodedata.category(character)
    if kind[0] == "M":
        is_accent = kind == "Me" or unicodedata.combining(character) in _ACCENTS
        return is_accent or bool(_IGNORED_MARKS.match(character))
    is_invisible = kind in {"Cc", "Cf", "Cs"} and not character.isspace()
    return is_invisible or bool(INVISIBLE.match(character) or _SKIN_TONES.match(character))


def _letter(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.name(character, "").startswith(_WITHOUT_BLANKS):
        return f" {character} "
    if _is_of_mixed_script(character):
        return _letters_like(character) or character
    alike = confusable_representatives().get(character, "")
    is_punctuation = len(alike) == 1 and alike.isascii() and not alike.isalnum()  # "ʼ" is an apostrophe
    return _punctuation(alike) if is_punctuation else character


def _punctuation(character: str) -> str:
    kind = unicodedata.category(character)
    if character in _WITHIN_WORDS or kind == "Pc":
        return "-"
    if character in _WITHIN_AND_BETWEEN_WORDS or kind == "Pd":
        return "'"
    return "/" if character in _BETWEEN_WORDS else '"'


def _letters_like(character: str) -> str:
    """Return the lower-case ASCII letters that a character looks like; "1" if it may be an i or an l; else empty."""
    if character in _I_OR_L:
        return "1"
    if dressed := _LATIN_VARIANT.match(unicodedata.name(character, "") if len(character) == 1 else ""):
        return dressed[1].casefold()
    alike = confusable_representatives().get(character, "").casefold()
    return alike if alike.isascii() and alike.isalpha() else ""


def _is_of_mixed_script(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_MIXED_SCRIPTS)


def _symbol(character: str) -> str:
    """Return an emoji as a word of its own, or the letter if it is a boxed letter."""
    boxed = _BOXED_LETTER.match(unicodedata.name(character, ""))
    return boxed[1].casefold() if boxed else f" {character} "


def _without_foreign_capitals(text: str) -> str:
    """Replace capitals of other scripts in words with ASCII letters.

    In lower case "Т" and "Н" do not look like t and h.
    """
    alike, mixed = _foreign_capitals()
    return mixed.sub(lambda word: word[0].translate(alike), text)


@cache
def _foreign_capitals() -> tuple[_Table, re.Pattern[str]]:
    alike = {
        ord(character): letter
        for character, letter in confusable_representatives().items()
        if character in _CASED_SCRIPTS and len(letter) == 1 and letter.isascii() and letter.isalpha()
        if character.isupper() and _normalize(character) != letter.casefold()
    }
    capitals = "".join(map(chr, alike))
    return alike, re.compile(rf"\b(?=\w*[A-Za-z])(?=\w*[{capitals}])\w+")
