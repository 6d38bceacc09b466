"""Texts made against one pattern: what it matches, with a part of it repeated, and an end that does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from re import Pattern
from re import _constants as codes  # type: ignore[attr-defined]  # private, and the only reader of patterns there is
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LONGEST_SAMPLE = 40
LONGEST_PUMP = 3
ENDS = ("", "\n!")
_OF_CLASSES = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_NOT_WORD: "!",
}
_ORDINARY = "a1 !-.\"'<>\n"


def pumped(pattern: Pattern[str], choices: int) -> list[tuple[str, str, str]]:
    """Beginnings, parts to be repeated, and ends."""
    texts = [sample(pattern, choice)[:LONGEST_SAMPLE] for choice in range(choices)]
    return list(dict.fromkeys(parts for text in texts for parts in _parts(text)))


def _parts(text: str) -> Iterator[tuple[str, str, str]]:
    for start in range(len(text)):
        for end in range(start + 1, min(start + LONGEST_PUMP, len(text)) + 1):
            yield from ((text[:start], text[start:end], last) for last in ENDS)
        yield "", text[: start + 1], ""


def repeated(parts: tuple[str, str, str], size: int) -> str:
    beginning, part, end = parts
    return (beginning + part * (size // len(part) + 1))[: size - len(end)] + end


def sample(pattern: Pattern[str], choice: int = 0) -> str:
    """A text that the pattern is meant for, or nearly. `choice` picks among alternatives."""
    return _sampled(parser.parse(pattern.pattern, pattern.flags), choice)


def _sampled(parsed: Any, choice: int) -> str:
    return "".join(_sample_of(code, argument, choice) for code, argument in parsed)


def _sample_of(code: Any, argument: Any, choice: int) -> str:
    match code:
        case codes.LITERAL:
            return chr(argument)
        case codes.NOT_LITERAL:
            return "a" if argument != ord("a") else "1"
        case codes.ANY:
            return "a"
        case codes.IN:
            return _member(argument, choice)
        case codes.BRANCH:
            alternatives = argument[1]
            return _sampled(alternatives[choice % len(alternatives)], choice)
        case codes.SUBPATTERN:
            return _sampled(argument[-1], choice)
        case codes.ATOMIC_GROUP:
            return _sampled(argument, choice)
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            fewest, _most, inner = argument
            return _sampled(inner, choice) * max(fewest, 1)
    return ""  # an edge, what has to stand beside it, an earlier group


def _member(items: list[tuple[Any, Any]], choice: int) -> str:
    """One character of a class."""
    if items[0][0] == codes.NEGATE:
        return next((each for each in _ORDINARY if not any(_is_in(each, item) for item in items[1:])), "é")
    code, argument = items[choice % len(items)]
    if code == codes.RANGE:
        return chr(argument[0])
    return chr(argument) if code == codes.LITERAL else _OF_CLASSES.get(argument, "a")


def _is_in(character: str, item: tuple[Any, Any]) -> bool:
    code, argument = item
    if code == codes.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    if code == codes.LITERAL:
        return bool(ord(character) == argument)
    return {
        codes.CATEGORY_DIGIT: character.isdigit(),
        codes.CATEGORY_SPACE: character.isspace(),
        codes.CATEGORY_WORD: character.isalnum() or character == "_",
    }.get(argument, False)
