"""Matcher that finds many entries in a text; it does not depend on where the entries are stored.

Words are looked up in a dictionary. For phrases and wildcards one automaton reads the text once, however many there
are. Obfuscated words are found too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
import re
from typing import Any

from ahocorasick import Automaton

from comments.text.hosts import parent_domains
from comments.text.normalize import LETTER, NormalizedText, letter_variants
from comments.text.obfuscation import (
    MAX_PLACES,
    Span,
    SpelledOutWord,
    collapse_repeats,
    deobfuscate,
    find_spelled_out,
    has_repeated_letters,
    less_digits,
    put_together,
    starred,
    with_l,
    with_stars,
)
from comments.text.patterns import KEPT_JOINT, WORD, EntryKind, InvalidEntry, Pattern, normalize_domain, parse_patterns

_WORD_BOUNDARY = "\n"  # not part of any normalized text
_JOINED_BEFORE, _JOINED_BEHIND = re.compile(rf"{LETTER}['-]$"), re.compile(rf"['-]{LETTER}")
_MIN_SUBSTRING_LENGTH = 4  # letters of a word that is only a part of the spelled-out letters


@dataclass(frozen=True)
class MatcherEntry:
    key: int
    kind: str
    value: str


@dataclass(frozen=True)
class _Trigger:
    """Part of a pattern that the automaton searches for; `word` is the index of the pattern's word."""

    key: int
    pattern: Pattern
    word: int


class Matcher:
    def __init__(self, entries: Iterable[MatcherEntry]) -> None:
        """Build the matcher; entries that cannot be matched are left out and listed in `skipped_keys`."""
        self.skipped_keys: list[int] = []
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        self._domains: defaultdict[str, list[int]] = defaultdict(list)
        triggers: defaultdict[str, list[_Trigger]] = defaultdict(list)
        for entry in entries:
            try:
                self._add(entry, triggers)
            except InvalidEntry:
                self.skipped_keys.append(entry.key)
        self._triggers = _build_automaton(triggers)
        self._within_spelled = _build_automaton(
            {word: (len(word), keys) for word, keys in self._words.items() if len(word) >= _MIN_SUBSTRING_LENGTH}
        )
        self._starred: defaultdict[str, list[int]] = defaultdict(list)
        for word, keys in self._words.items():
            for hidden in with_stars(word):
                self._starred[hidden] += keys
        self._with_l: defaultdict[str, list[int]] = defaultdict(list)
        for word, keys in self._words.items():
            for disguised in with_l(word):
                self._with_l[disguised] += keys
        letters = set().union(*self._words, *triggers)
        self._repeated_letters = _build_automaton({letter * 3: letter for letter in letters if letter.isalpha()})

    def _add(self, entry: MatcherEntry, triggers: dict[str, list[_Trigger]]) -> None:
        if entry.kind == EntryKind.DOMAIN:
            self._domains[normalize_domain(entry.value)].append(entry.key)
            return
        for pattern in parse_patterns(entry.kind, entry.value):
            if len(pattern.words) == 1 and len(pattern.words[0]) == 1:
                self._words[pattern.words[0][0]].append(entry.key)
            else:
                literal, word = _longest_literal(pattern)
                triggers[literal].append(_Trigger(entry.key, pattern, word))

    def find(self, text: str) -> dict[int, list[Span]]:
        """Return by entry key the positions of matches in the text, in order, at most MAX_PLACES each."""
        if not (self._words or self._triggers):
            return {}
        folded = NormalizedText(text)
        spans: defaultdict[int, set[Span]] = defaultdict(set)
        for begin, line in folded.segments():
            for key, (start, end) in self._in_line(line, is_whole=line is folded.line):
                if len(spans[key]) < MAX_PLACES:
                    spans[key].add(folded.place(begin + start, begin + end))
        for key, span in self._starred_in(text):
            if len(spans[key]) < MAX_PLACES:
                spans[key].add(span)
        return {key: sorted(places) for key, places in spans.items()}

    def find_domains(self, host: str) -> list[int]:
        """Return the keys of entries for this host or one of its parent domains."""
        return [key for domain in parent_domains(host) for key in self._domains.get(domain, ())]

    def _in_line(self, line: str, *, is_whole: bool) -> Iterator[tuple[int, Span]]:
        """Find matches in a line; only the whole text is deobfuscated, in all its variants."""
        words = _Words(WORD.findall(line), line)
        for key, first, last in self._listed_in(words):
            yield key, words.span(first, last)
        for key, first, last in self._added_to_or_split(words):
            yield key, words.span(first, last)
        if next(_iterate(self._repeated_letters, words.stream), None):
            yield from self._with_repeated_letters_in(words)
        if is_whole:
            rows = find_spelled_out(line, words.stream)
            yield from self._deobfuscated_in(deobfuscate(line, rows))
            for row, starts in rows:
                for key, (first, last) in self._spelled_in(row):
                    yield from ((key, (start + first, start + last)) for start in starts)

    def _listed_in(self, words: _Words) -> Iterator[tuple[int, int, int]]:
        """Yield the key and the indexes of the first and the last word of each match."""
        listed = self._words
        for number in [number for number, word in enumerate(words.texts) if word in listed]:
            for key in listed[words.texts[number]]:
                yield key, number, number
        found: defaultdict[int, set[int]] = defaultdict(set)
        for end, triggers in _iterate(self._triggers, words.stream):
            number = words.number_at(end)
            for trigger in triggers:
                first, places = number - trigger.word, found[trigger.key]
                last = first + len(trigger.pattern.words) - 1
                if first < 0 or first in places or len(places) >= MAX_PLACES:
                    continue
                if _words_match(words.texts[first : last + 1], trigger.pattern.words):
                    places.add(first)
                    yield trigger.key, first, last

    def _added_to_or_split(self, words: _Words) -> Iterator[tuple[int, int, int]]:
        """Find words with digits at an end, with "l" for "i", or with a space within."""
        listed, texts = self._words, words.texts
        for number, word in enumerate(texts):
            if word in self._with_l:
                yield from ((key, number, number) for key in self._with_l[word])
            bare = less_digits(word)
            if bare and bare in listed:
                yield from ((key, number, number) for key in listed[bare])
            whole = put_together(texts[number - 1], word) if number else ""
            if whole and whole in listed and words.are_two(number - 1):
                yield from ((key, number - 1, number) for key in listed[whole])

    def _starred_in(self, text: str) -> Iterator[tuple[int, Span]]:
        for start, stars, end in starred(text) if self._starred else ():
            length = text.count("*", stars, end)
            before, behind = NormalizedText(text[start:stars]).line, NormalizedText(text[stars + length : end]).line
            for key in self._starred.get(f"{before}{'*' * length}{behind}", ()):
                yield key, (start, end)

    def _deobfuscated_in(self, places: dict[str, list[Span]]) -> Iterator[tuple[int, Span]]:
        """Find single words; a phrase cannot span several of them."""
        texts = [text for word in places for text in (word, _WORD_BOUNDARY)]
        for key, number, _number in self._listed_in(_Words(texts)) if places else ():
            yield from ((key, span) for span in places[texts[number]])

    def _with_repeated_letters_in(self, words: _Words) -> Iterator[tuple[int, Span]]:
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        drawn_out = {word: collapse_repeats(word) for word in set(words.texts) if has_repeated_letters(word)}
        for number, word in enumerate(words.texts):
            for shorter in drawn_out.get(word, ()):
                numbers[shorter].append(number)
        texts = [text for word in numbers for text in (word, _WORD_BOUNDARY)]
        for key, place, _place in self._listed_in(_Words(texts)):
            yield from ((key, words.span(number, number)) for number in numbers[texts[place]][:MAX_PLACES])

    def _spelled_in(self, row: SpelledOutWord) -> Iterator[tuple[int, Span]]:
        """Find words that are longer or shorter than the spelled-out letters.

        Wildcards are not matched, because they would match unrelated neighbours.
        """
        for word, span in row.with_neighbours():
            for reading in (word, *letter_variants(word)):
                yield from ((key, span) for key in self._words.get(reading, ()))
        counted: defaultdict[int, int] = defaultdict(int)
        for reading in (row.letters, *letter_variants(row.letters)) if len(row.letters) > _MIN_SUBSTRING_LENGTH else ():
            for end, (length, keys) in _iterate(self._within_spelled, reading):
                for key in keys:
                    counted[key] += 1
                    if counted[key] <= MAX_PLACES:
                        yield key, row.span(end - length + 1, end)


class _Words:
    """Words of a line, by index."""

    def __init__(self, texts: list[str], line: str = "") -> None:
        self.line, self.texts = line, texts
        self.stream = f" {' '.join(self.texts)} "

    def number_at(self, offset: int) -> int:
        """Return the index of the word at or before an offset in `stream`."""
        return bisect_right(self._starts, offset - 1) - 1

    def span(self, first: int, last: int) -> Span:
        return self._places[first][0], self._places[last][1]

    def are_two(self, number: int) -> bool:
        """Return whether only whitespace separates this word and the next, and neither is part of a longer word."""
        (start, end), (next_start, next_end) = self._places[number], self._places[number + 1]
        is_within = _JOINED_BEFORE.search(self.line[max(start - 2, 0) : start])
        is_within = is_within or _JOINED_BEHIND.match(self.line, next_end)
        return not is_within and self.line[end:next_start].isspace()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(text) + 1 for text in self.texts)]

    @cached_property
    def _places(self) -> list[Span]:
        return [match.span() for match in WORD.finditer(self.line)]


def _words_match(texts: list[str], words: tuple[tuple[str, ...], ...]) -> bool:
    return len(texts) == len(words) and all(map(_word_matches, texts, words))


def _word_matches(text: str, parts: tuple[str, ...]) -> bool:
    """Return whether the word consists of these parts, in order, with letters between them; linear in its length."""
    if len(parts) == 1:
        return text == parts[0]
    if text.count(KEPT_JOINT) != sum(part.count(KEPT_JOINT) for part in parts):
        return False
    first, *inner, last = parts
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return False
    place, end = len(first), len(text) - len(last)
    for part in inner:
        place = text.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True


def _longest_literal(pattern: Pattern) -> tuple[str, int]:
    """Return the longest literal text of a pattern, and the index of the word in which it ends."""
    if all(len(parts) == 1 for parts in pattern.words):
        return f" {pattern} ", len(pattern.words) - 1
    candidates = []
    for number, parts in enumerate(pattern.words):
        for place, part in enumerate(parts):
            before, after = " " * (place == 0), " " * (place == len(parts) - 1)
            if part:
                candidates.append((f"{before}{part}{after}", number))
    return max(candidates, key=lambda candidate: len(candidate[0]))


def _iterate(automaton: Automaton | None, text: str) -> Iterator[tuple[int, Any]]:
    return automaton.iter(text) if automaton else iter(())


def _build_automaton(values: dict[str, Any]) -> Automaton | None:
    """Return an automaton, or None without words, because an empty automaton cannot be searched."""
    if not values:
        return None
    automaton = Automaton()
    for word, value in values.items():
        automaton.add_word(word, value)
    automaton.make_automaton()
    return automaton
