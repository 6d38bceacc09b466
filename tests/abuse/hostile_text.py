"""Kinds of text that make naive code slow, most of them a unit repeated up to the requested length."""

from __future__ import annotations

from collections.abc import Callable
import random

UNITS = {
    "a letter": "a",
    "a capital": "A",
    "letters and digits with dots": "a.1.",
    "short labels": "a.a.",
    "long labels with hyphens": "aaaa-aaaa.",
    "words": "word and word, ",
    "Chinese without blanks": "汉字漢語新闻",
    "Japanese without blanks": "ひらがなカタカナ",
    "Thai without blanks": "ภาษาไทย",
    "Arabic with vowels": "مُحَمَّد",
    "straight quotes": '"',
    "typographic quotes": "“",
    "quoted words": '"word ',
    "nested quotes": "“«„“a”“»",
    "quoted lines": "> a\n",
    "nested quoted lines": "> > > ",
    "apostrophes": "a'",
    "opening brackets": "(",
    "square brackets": "[[",
    "brackets with names": "[a ",
    "Markdown links": "[a](http://a.example) ",
    "schemes": "://",
    "schemes with letters": "http://",
    "addresses": "http://a.",
    "addresses in brackets": "(http://a.example/",
    "www": "www.",
    "at signs": "@",
    "mailboxes": "a@a.",
    "mailboxes without an end": "a@",
    "dots": ".",
    "hyphens": "-",
    "underscores and asterisks": "_*",
    "slashes": "/",
    "backslashes": "\\",
    "percent escapes": "%41",
    "percent signs": "%",
    "queries": "?a=1&",
    "digits": "1",
    "numbers with hyphens": "1-",
    "size suffixes": "-1x1",
    "blanks": " ",
    "line breaks": "\n",
    "carriage returns": "\r",
    "tabs and line breaks": "\n \t",
    "no-break spaces": "\u00a0",
    "zero-width spaces": "\u200b",
    "zero-width joiners": "a\u200d",
    "Hangul fillers": "\u3164",
    "tags": "\U000e0061",
    "bidirectional marks": "\u202e\u2067\u200f",
    "combining marks": "\u0301",
    "combining marks out of order": "\u0315\u0300\u05ae\u0323",
    "marks on letters": "a\u0323\u0301",
    "ligatures that unfold": "\ufdfa\u0390",
    "emoji": "🙂",
    "joined emoji": "\U0001f468\u200d\U0001f469\u200d",
    "flags": "\U0001f1fb\U0001f1ee",
    "skin tones": "👍🏽",
    "last code points": "\U0010fffd\ud7ff\ue000\ufffd",
    "controls": "\x01\x1f",
    "ampersands": "&",
    "entities": "&amp;",
    "entities without an end": "&lt",
    "entities of controls": "&#1;",
    "less-than signs": "<",
    "tags without an end": "<a ",
    "open elements": "<b>",
    "comments without an end": "<!--",
    "figures": "<figure data-image=1>",
    "declarations": "<!a <?",
    "template signs": "{{ {% ",
    "punycode prefixes": "xn--",
    "punycode labels": "xn--a.",
    "look-alikes": "pаypаlΑ",
    "drawn-out letters": "aaabbb",
    "spelled letters": "a b c ",
    "pairs that are spelled": "ab c ",
    "words pulled apart": "v.i-a'g",
    "stars for letters": "v*agra sh**t",
    "capitals with a small L": "AlAlI aII",
    "words with digits": "viagra1 ",
    "halves of words": "via gra ",
    "symbols for letters": "v1@gr!|$",
    "letters in boxes": "🅥🅘",
    "full-width letters": "ａ．",
    "semicolons and commas": ",;",
    "gaps of a redaction": "[…] ",
}


_LETTERS = str.maketrans("01234567", "klmnoprs")


def _mixture(size: int) -> str:
    """Return random characters of all units, the same each time."""
    rng = random.Random(1)
    characters = "".join(UNITS.values())
    return "".join(rng.choices(characters, k=size))


def _distinct_words(size: int) -> str:
    """Return distinct words."""
    return " ".join(f"{n * 7919:o}".translate(_LETTERS) for n in range(size // 4))[:size]


def _repeat(unit: str) -> Callable[[int], str]:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


KINDS: dict[str, Callable[[int], str]] = {
    **{name: _repeat(unit) for name, unit in UNITS.items()},
    "a letter, then an exclamation mark": lambda size: "a" * (size - 1) + "!",
    "one bracket, then words": lambda size: ("[a " + "b " * size)[:size],
    "a quote that is never closed": lambda size: ("“" + "word " * size)[:size],
    "a quote, then quoted lines": lambda size: ('"' + "a\n" * size)[:size],
    "words that differ": _distinct_words,
    "a mixture": _mixture,
}
