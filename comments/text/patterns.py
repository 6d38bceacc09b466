"""Parser of word list entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
import re

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.text.hosts import host_of, normalize_host, normalize_ipv6
from comments.text.normalize import JOINTS, LETTER, ORDINARY, NormalizedText

MIN_LETTERS = 2  # of a word; an emoji or a Chinese character counts as a word
MIN_WILDCARD_LETTERS = 3
MAX_ASTERISKS = 3
MAX_ENTRY_WORDS = 20
MAX_NORMALIZED_LENGTH = 300  # normalized characters; one typed character may become several

WORD = re.compile(f"{LETTER}+")
KEPT_JOINT = "'"
_JOINT = re.compile(f"[{JOINTS}]+")
_JOINED = re.compile(f"{LETTER}+(?:['-]+{LETTER}+)*")


class EntryKind(models.TextChoices):
    WORD = "word", gettext_lazy("word")
    PHRASE = "phrase", gettext_lazy("phrase")
    WILDCARD = "wildcard", gettext_lazy("wildcard")
    DOMAIN = "domain", gettext_lazy("link domain")


class InvalidEntry(ValueError):
    """Entry that cannot be matched; the message is for the editor."""


@dataclass(frozen=True)
class Pattern:
    """Sequence of words, each a sequence of parts: ("via", "a") is via*a, ("viagra",) is a whole word."""

    words: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return " ".join("*".join(parts) for parts in self.words)


def normalize_entry(kind: str, value: str) -> str:
    """Return a value that is equal for entries with equal matches; raise InvalidEntry if the entry is invalid."""
    if kind == EntryKind.DOMAIN:
        return normalize_domain(value)
    written = str(parse_patterns(kind, value)[-1])
    if len(written) > MAX_NORMALIZED_LENGTH:
        raise InvalidEntry(_("Too long."))
    return written


def normalize_domain(value: str) -> str:
    """Return the normalized host of a domain, URL or IP address; raise InvalidEntry if it is invalid."""
    typed = value.strip().removeprefix("*.")
    host = host_of(typed if "://" in typed else f"http://{typed}") if "/" in typed else typed
    if address := normalize_ipv6(host.strip("[]")):
        return address
    host = normalize_host(host).removeprefix("www.")
    if not host.strip("-_"):
        raise InvalidEntry(_("That isn’t a domain. Enter one like “evil.example”."))
    if "." not in host:
        raise InvalidEntry(_("That would match every .%s domain. Enter one domain.") % host)
    return host


def join_parts(word: str, joint: re.Pattern[str] = _JOINT) -> str:
    """Remove the joints of a word: “v.i-agra” becomes “viagra”.

    A single joint that is ordinary between two words becomes KEPT_JOINT, since “he’ll” is not “hell” and “pen.Is” not
    “penis”. `joint` matches all characters between two parts.
    """
    joints = joint.findall(word)
    if len(joints) == 1 and (joints[0][0] in ORDINARY or joints[0][-1] in ORDINARY):
        return joint.sub(KEPT_JOINT, word)
    return joint.sub("", word)


def parse_patterns(kind: str, value: str) -> list[Pattern]:
    """Parse a word, phrase or wildcard into one pattern for each variant.

    “c1alis” is “cialis” and “clalis”; “don’t” is also “dont”. Raise InvalidEntry if the entry is invalid.
    """
    tokens = value.split()
    if kind == EntryKind.WORD and len(tokens) > 1:
        raise InvalidEntry(_("That’s more than one word. Choose “phrase” instead."))
    if kind != EntryKind.WILDCARD and "*" in value:
        raise InvalidEntry(_("Asterisks only work in wildcards. Choose “wildcard” instead."))
    if kind == EntryKind.WILDCARD:
        _check_asterisks(tokens)
    parts = [[NormalizedText(part).variants() for part in token.split("*")] for token in tokens]
    joined = _patterns(parts, is_one=kind != EntryKind.PHRASE, close=partial(_JOINT.sub, ""))
    kept = _patterns(parts, is_one=kind != EntryKind.PHRASE, close=join_parts)
    patterns = list(dict.fromkeys([*joined, *kept]))
    for pattern in patterns:
        _check(pattern)
    return patterns


def _patterns(parts: list[list[list[str]]], *, is_one: bool, close: Callable[[str], str]) -> list[Pattern]:
    """Return the patterns of all variants; the one with "i" is last, which `normalize_entry` relies on."""
    found = []
    for reading in range(max((len(lines) for token in parts for lines in token), default=1)):
        words: list[tuple[str, ...]] = []
        for token in parts:
            words += _words([lines[min(reading, len(lines) - 1)] for lines in token], is_one=is_one, close=close)
        found.append(Pattern(tuple(words)))
    return [found[0], *found[:0:-1]]


def _words(lines: list[str], *, is_one: bool, close: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Parse one typed token, given by the lines between its asterisks."""
    if len(lines) == 1:
        return [(close(match[0]),) for match in (_JOINED if is_one else WORD).finditer(lines[0])]
    parts = [list(map(close, _JOINED.findall(line))) for line in lines]
    if any(len(words) > 1 for words in parts) or not all(parts[:-1]):
        raise InvalidEntry(_("Put the asterisk inside a word or at its end: “via*” or “v*gra”."))
    return [tuple(words[0] if words else "" for words in parts)]


def _check_asterisks(tokens: list[str]) -> None:
    if not any("*" in token for token in tokens):
        raise InvalidEntry(_("There’s no asterisk. Choose “word” or “phrase” instead."))
    if any(token.startswith("*") or "**" in token for token in tokens):
        raise InvalidEntry(_("Put the asterisk inside a word or at its end: “via*” or “v*gra”."))
    if sum(token.count("*") for token in tokens) > MAX_ASTERISKS:
        raise InvalidEntry(_("Please use no more than %d asterisks.") % MAX_ASTERISKS)


def _check(pattern: Pattern) -> None:
    if not pattern.words:
        raise InvalidEntry(_("Enter at least one letter or digit."))
    if len(pattern.words) > MAX_ENTRY_WORDS:
        raise InvalidEntry(_("Please use no more than %d words.") % MAX_ENTRY_WORDS)
    if any(len(parts) > 1 and len("".join(parts)) < MIN_WILDCARD_LETTERS for parts in pattern.words):
        raise InvalidEntry(_("That would match too much. A word with an asterisk needs at least three letters."))
    only = pattern.words[0][0]
    if len(pattern.words) == 1 and len(pattern.words[0]) == 1 and len(only) < MIN_LETTERS and not _is_a_word(only):
        raise InvalidEntry(_("That would match too much. Enter more than one letter."))


def _is_a_word(character: str) -> bool:
    """Return whether a character is an emoji or belongs to a script without capitals."""
    return not character.isdigit() and character.upper() == character.lower()
