"""Word list matches. Each process caches a matcher and rebuilds it when the list has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from django.utils.translation import gettext as _

from comments.models import WordListEntry
from comments.rules.facts import FilterMatch, Outcome
from comments.text.links import Link
from comments.text.matcher import Matcher, MatcherEntry

MAX_MATCHES_PER_ENTRY = 10  # stored matches of one entry


def match_word_list(text: str, name: str, links: Iterable[Link], *, version: str) -> tuple[FilterMatch, ...]:
    """Return matches of word list entries in the text, the name or the hosts of links."""
    current = _load(version)
    matched = find_matches(current.matcher, text, name, links)
    return tuple(_match(current.entries[key], words) for key, words in sorted(matched.items()))


def find_matches(matcher: Matcher, text: str, name: str, links: Iterable[Link]) -> dict[int, list[str]]:
    """Return the matched words as the reader wrote them, by the keys of the matcher's entries."""
    matched: dict[int, list[str]] = {}
    for said in (text, name):
        for key, spans in matcher.find(said).items():
            matched.setdefault(key, []).extend(said[start:end] for start, end in spans)
    for link in links:
        for key in matcher.find_domains(link.host):
            matched.setdefault(key, []).append(link.shown)
    return matched


def _match(entry: WordListEntry, words: list[str]) -> FilterMatch:
    distinct = tuple(dict.fromkeys(words))[:MAX_MATCHES_PER_ENTRY]
    return FilterMatch(
        entry=f"wordlistentry:{entry.pk}",
        outcome=Outcome[entry.outcome.upper()],
        moderator_message=_("Banned word or link: %s") % entry.value,
        reader_message=_("Please remove “%s” and post your comment again.") % distinct[0],
        matched=distinct,
    )


@dataclass(frozen=True)
class _LoadedList:
    version: str | None
    matcher: Matcher
    entries: dict[int, WordListEntry]


_EMPTY = _LoadedList(None, Matcher([]), {})
_loaded = _EMPTY
_building = Lock()


def _load(version: str) -> _LoadedList:
    """Return the list for this version.

    One thread rebuilds it. Other threads use the previous list meanwhile, if there is one.
    """
    if _loaded.version != version and _building.acquire(blocking=_loaded is _EMPTY):
        try:
            if _loaded.version != version:  # another thread may have rebuilt it meanwhile
                _rebuild(version)
        finally:
            _building.release()
    return _loaded


def _rebuild(version: str) -> None:
    """Rebuild the matcher.

    The version was read before the list, so a change in between leads to another rebuild.
    """
    global _loaded  # noqa: PLW0603 (one thread builds at a time)
    entries = {entry.pk: entry for entry in WordListEntry.objects.order_by().only("kind", "value", "outcome")}
    matcher = Matcher(MatcherEntry(key, entry.kind, entry.value) for key, entry in entries.items())
    _loaded = _LoadedList(version, matcher, entries)
