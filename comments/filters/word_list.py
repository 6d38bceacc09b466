"""What of a comment is on the newsroom's lists: a matcher for each process, built anew when the list has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from django.utils.translation import gettext as _

from comments.models import ListEntry
from comments.rules.facts import Hit, Outcome
from comments.text.links import Link
from comments.text.matcher import Entry, Matcher

SHOWN = 10  # matches of one entry that are kept


def listed(text: str, name: str, links: Iterable[Link], *, version: str) -> tuple[Hit, ...]:
    """The entries that are in the text, in the name, or in the hosts of links; of the list's current version."""
    current = _of(version)
    matched = found_by(current.matcher, text, name, links)
    return tuple(_hit(current.entries[key], words) for key, words in sorted(matched.items()))


def found_by(matcher: Matcher, text: str, name: str, links: Iterable[Link]) -> dict[int, list[str]]:
    """By the keys of the matcher's entries, what was found, as the reader wrote it."""
    matched: dict[int, list[str]] = {}
    for said in (text, name):
        for key, spans in matcher.find(said).items():
            matched.setdefault(key, []).extend(said[start:end] for start, end in spans)
    for link in links:
        for key in matcher.find_domains(link.host):
            matched.setdefault(key, []).append(link.shown)
    return matched


def _hit(entry: ListEntry, words: list[str]) -> Hit:
    distinct = tuple(dict.fromkeys(words))[:SHOWN]
    return Hit(
        entry=f"listentry:{entry.pk}",
        outcome=Outcome[entry.outcome.upper()],
        what=_("Banned word or link: %s") % entry.value,
        refusal=_("Please remove “%s” and post your comment again.") % distinct[0],
        matched=distinct,
    )


@dataclass(frozen=True)
class _Built:
    version: str | None
    matcher: Matcher
    entries: dict[int, ListEntry]


_NOTHING = _Built(None, Matcher([]), {})
_latest = _NOTHING
_building = Lock()


def _of(version: str) -> _Built:
    """Of the list as it is now. One thread builds it; the others use the one before meanwhile, if there is one."""
    if _latest.version != version and _building.acquire(blocking=_latest is _NOTHING):
        try:
            if _latest.version != version:  # while this one waited, another may have built it
                _build(version)
        finally:
            _building.release()
    return _latest


def _build(version: str) -> None:
    """The version was read before the list: what changes in between is seen the next time."""
    global _latest  # noqa: PLW0603 (one for the process, like a cache)
    entries = {entry.pk: entry for entry in ListEntry.objects.order_by().only("kind", "value", "outcome")}
    matcher = Matcher(Entry(key, entry.kind, entry.value) for key, entry in entries.items())
    _latest = _Built(version, matcher, entries)
