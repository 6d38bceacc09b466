"""Which of many entries are in a text. Knows nothing of where entries come from.

Words are looked up in a dictionary; for phrases and wildcards one automaton goes over the text once, however many there
are. Words that were pulled apart ("v i a g r a", "v.iagra") or drawn out ("viiiagra") are looked for as well.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
import re
from typing import Any

from ahocorasick import Automaton

from comments.hosts import with_parents
from comments.words.folding import LETTER, Folded
from comments.words.patterns import WORD, BadEntry, Kind, Pattern, domain, read

PLACES = 10  # of one entry in one text
_APART = "\n"  # not in any folded text: no phrase reaches across it
_SPELLED = re.compile(r"(?<![^ ])(?:[^ ] ){2,}[^ ](?![^ ])")  # three single letters or more
_SAFE_WITHIN_SPELLED = 4  # letters of a word that is not all that was spelled
_PULLED = re.compile(rf"(?<!{LETTER}){LETTER}++(?:-++{LETTER}++)++")  # possessive: nothing is tried twice
_DRAWN_OUT = re.compile(r"([^\W\d])\1\1+")

Span = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    key: int
    kind: str
    value: str


@dataclass(frozen=True)
class _Trigger:
    """The automaton has found a part of one of the pattern's words; `word` is which."""

    key: int
    pattern: Pattern
    word: int


class Matcher:
    def __init__(self, entries: Iterable[Entry]) -> None:
        """Entries that cannot be looked for are left out."""
        self.left_out: list[int] = []
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        self._domains: defaultdict[str, list[int]] = defaultdict(list)
        triggers: defaultdict[str, list[_Trigger]] = defaultdict(list)
        for entry in entries:
            try:
                self._add(entry, triggers)
            except BadEntry:
                self.left_out.append(entry.key)
        self._triggers = _automaton(triggers)
        self._within_spelled = _automaton(
            {word: (len(word), keys) for word, keys in self._words.items() if len(word) >= _SAFE_WITHIN_SPELLED}
        )

    def _add(self, entry: Entry, triggers: dict[str, list[_Trigger]]) -> None:
        if entry.kind == Kind.DOMAIN:
            self._domains[domain(entry.value)].append(entry.key)
            return
        for pattern in read(entry.kind, entry.value):
            if len(pattern.words) == 1 and len(pattern.words[0]) == 1:
                self._words[pattern.words[0][0]].append(entry.key)
            else:
                literal, word = _rarest(pattern)
                triggers[literal].append(_Trigger(entry.key, pattern, word))

    def find(self, text: str) -> dict[int, list[Span]]:
        """By the keys of the entries, where in the text they are: in order, at most PLACES each."""
        if not (self._words or self._triggers):
            return {}
        folded = Folded(text)
        spans: defaultdict[int, set[Span]] = defaultdict(set)
        for line in folded.readings():
            for key, span in self._in_line(line):
                if len(spans[key]) < PLACES:
                    spans[key].add(folded.place(*span))
        return {key: sorted(places) for key, places in spans.items()}

    def find_domains(self, host: str) -> list[int]:
        """The keys of those that are this host, or that it belongs to."""
        return [key for domain in with_parents(host) for key in self._domains.get(domain, ())]

    def _in_line(self, line: str) -> Iterator[tuple[int, Span]]:
        words = _Words(line)
        if listed := set(words.texts).intersection(self._words):
            for number, word in enumerate(words.texts):
                if word in listed:
                    for key in self._words[word]:
                        yield key, words.span(number, number)
        yield from self._patterns_in(words)
        for key, first, last in self._spelled_in(words):
            yield key, words.span(first, last)

    def _patterns_in(self, words: _Words) -> Iterator[tuple[int, Span]]:
        found: defaultdict[int, set[int]] = defaultdict(set)
        for end, triggers in self._triggers.iter(words.stream) if self._triggers else ():
            number = words.number_at(end)
            for trigger in triggers:
                first, places = number - trigger.word, found[trigger.key]
                last = first + len(trigger.pattern.words) - 1
                if first < 0 or first in places or len(places) >= PLACES:
                    continue
                if _fit(words.texts[first : last + 1], trigger.pattern.words):
                    places.add(first)
                    yield trigger.key, words.span(first, last)

    def _spelled_in(self, words: _Words) -> Iterator[tuple[int, int, int]]:
        for first, letters in words.spelled:
            for end, (length, keys) in self._within_spelled.iter(letters) if self._within_spelled else ():
                for key in keys:
                    yield key, first + end - length + 1, first + end


class _Words:
    """The words of a line by number; behind them those that were pulled apart, spelled or drawn out."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.texts: list[str] = WORD.findall(line)
        self._plain = len(self.texts)
        self._extra: dict[int, Span] = {}
        self._places: list[Span] | None = None
        self._starts: list[int] | None = None
        self.spelled: list[tuple[int, str]] = []
        self._add_pulled_apart()
        self._add_spelled()
        self._add_drawn_out()
        self.stream = f" {' '.join(self.texts)} "

    def number_at(self, offset: int) -> int:
        """Of the word at, or before, an offset in `stream`."""
        if self._starts is None:
            self._starts = [0, *accumulate(len(text) + 1 for text in self.texts)]
        return bisect_right(self._starts, offset - 1) - 1

    def span(self, first: int, last: int) -> Span:
        return self._place(first)[0], self._place(last)[1]

    def _place(self, number: int) -> Span:
        if number in self._extra:
            return self._extra[number]
        if self._places is None:
            self._places = [match.span() for match in WORD.finditer(self.line)]
        return self._places[number]

    def _add(self, text: str, span: Span) -> None:
        self.texts += [_APART, text]
        self._extra[len(self.texts) - 1] = span

    def _add_pulled_apart(self) -> None:
        for match in _PULLED.finditer(self.line):
            self._add(match[0].replace("-", ""), match.span())

    def _add_spelled(self) -> None:
        stream, counted, first = " ".join(self.texts[: self._plain]), 0, 0
        for match in _SPELLED.finditer(stream):
            first += stream.count(" ", counted, match.start())
            counted = match.start()
            letters = match[0].replace(" ", "")
            self.spelled.append((first, letters))
            self._add(letters, self.span(first, first + len(letters) - 1))

    def _add_drawn_out(self) -> None:
        if not _DRAWN_OUT.search(self.line):
            return
        for number, text in enumerate(self.texts[:]):
            if _DRAWN_OUT.search(text):
                for shorter in (_DRAWN_OUT.sub(r"\1", text), _DRAWN_OUT.sub(r"\1\1", text)):
                    self._add(shorter, self._place(number))


def _fit(texts: list[str], words: tuple[tuple[str, ...], ...]) -> bool:
    return len(texts) == len(words) and all(map(_fits, texts, words))


def _fits(text: str, parts: tuple[str, ...]) -> bool:
    """Whether the word is made of these parts, in order, with anything between them. Never tries a place twice."""
    if len(parts) == 1:
        return text == parts[0]
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


def _rarest(pattern: Pattern) -> tuple[str, int]:
    """What to look for first: the longest run of letters that must be there, and in which word its end lies."""
    if all(len(parts) == 1 for parts in pattern.words):
        return f" {pattern} ", len(pattern.words) - 1
    candidates = []
    for number, parts in enumerate(pattern.words):
        for place, part in enumerate(parts):
            before, after = " " * (place == 0), " " * (place == len(parts) - 1)
            if part:
                candidates.append((f"{before}{part}{after}", number))
    return max(candidates, key=lambda candidate: len(candidate[0]))


def _automaton(values: dict[str, Any]) -> Automaton | None:
    """None for nothing: an automaton without words cannot be asked."""
    if not values:
        return None
    automaton = Automaton()
    for word, value in values.items():
        automaton.add_word(word, value)
    automaton.make_automaton()
    return automaton
