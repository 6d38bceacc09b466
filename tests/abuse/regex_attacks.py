"""Attacks on one regular expression: matching samples with a repeated part and an ending that does not match."""

from __future__ import annotations

from collections.abc import Iterator
from re import Pattern
from re import _constants as codes  # type: ignore[attr-defined]  # private, and the only reader of patterns there is
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_SAMPLE_LENGTH = 40
MAX_PART_LENGTH = 3
ENDS = ("", "\n!")
_CATEGORY_SAMPLES = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_NOT_WORD: "!",
}
_SAMPLE_CHARACTERS = "a1 !-.\"'<>\n"


def pump_attacks(pattern: Pattern[str], choices: int) -> list[tuple[str, str, str]]:
    """Return beginnings, parts to be repeated, and endings."""
    texts = [sample(pattern, choice)[:MAX_SAMPLE_LENGTH] for choice in range(choices)]
    return list(dict.fromkeys(parts for text in texts for parts in _parts(text)))


def _parts(text: str) -> Iterator[tuple[str, str, str]]:
    for start in range(len(text)):
        for end in range(start + 1, min(start + MAX_PART_LENGTH, len(text)) + 1):
            yield from ((text[:start], text[start:end], last) for last in ENDS)
        yield "", text[: start + 1], ""


def repeat_part(parts: tuple[str, str, str], size: int) -> str:
    beginning, part, end = parts
    return (beginning + part * (size // len(part) + 1))[: size - len(end)] + end


def sample(pattern: Pattern[str], choice: int = 0) -> str:
    """Return a text that the pattern matches, or nearly. `choice` selects among alternatives."""
    return _sample_sequence(parser.parse(pattern.pattern, pattern.flags), choice)


def _sample_sequence(parsed: Any, choice: int) -> str:
    return "".join(_sample_node(code, argument, choice) for code, argument in parsed)


def _sample_node(code: Any, argument: Any, choice: int) -> str:
    match code:
        case codes.LITERAL:
            return chr(argument)
        case codes.NOT_LITERAL:
            return "a" if argument != ord("a") else "1"
        case codes.ANY:
            return "a"
        case codes.IN:
            return _class_member(argument, choice)
        case codes.BRANCH:
            alternatives = argument[1]
            return _sample_sequence(alternatives[choice % len(alternatives)], choice)
        case codes.SUBPATTERN:
            return _sample_sequence(argument[-1], choice)
        case codes.ATOMIC_GROUP:
            return _sample_sequence(argument, choice)
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            fewest, _most, inner = argument
            return _sample_sequence(inner, choice) * max(fewest, 1)
    return ""  # anchors, lookarounds, backreferences


def _class_member(items: list[tuple[Any, Any]], choice: int) -> str:
    """Return one character of a character class."""
    if items[0][0] == codes.NEGATE:
        return next((each for each in _SAMPLE_CHARACTERS if not any(_is_in(each, item) for item in items[1:])), "é")
    code, argument = items[choice % len(items)]
    if code == codes.RANGE:
        return chr(argument[0])
    return chr(argument) if code == codes.LITERAL else _CATEGORY_SAMPLES.get(argument, "a")


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
