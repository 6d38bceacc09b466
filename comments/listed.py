"""What of a comment is on the newsroom's lists: a matcher for each process, built anew when the list has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from comments.links import Link
from comments.models import ListEntry, ListVersion
from comments.rules import Hit, Outcome
from comments.words.matching import Entry, Matcher

SHOWN = 10  # matches of one entry that are kept


@dataclass(frozen=True)
class _Built:
    version: str
    matcher: Matcher
    entries: dict[int, ListEntry]


_built = _Built("", Matcher([]), {})


def listed(text: str, name: str, links: Iterable[Link]) -> tuple[Hit, ...]:
    """The entries that are in the text, in the name, or in the hosts of links."""
    built = _current()
    matched: dict[int, list[str]] = {}
    for said in (text, name):
        for key, spans in built.matcher.find(said).items():
            matched.setdefault(key, []).extend(said[start:end] for start, end in spans)
    for link in links:
        for key in built.matcher.find_domains(link.host):
            matched.setdefault(key, []).append(link.shown)
    return tuple(_hit(built.entries[key], words) for key, words in sorted(matched.items()))


def _hit(entry: ListEntry, words: list[str]) -> Hit:
    distinct = tuple(dict.fromkeys(words))[:SHOWN]
    return Hit(
        entry=f"listentry:{entry.pk}",
        outcome=Outcome[entry.outcome.upper()],
        what=_("on the list: %s") % entry.value,
        refusal=_("Please write it without “%s”: then it can be taken.") % distinct[0],
        matched=distinct,
    )


def _current() -> _Built:
    """The version is read first: what changes after that is seen the next time."""
    global _built  # noqa: PLW0603 (one a process; two threads may build it twice, and either is right)
    version = ListVersion.current()
    built = _built
    if built.version != version:
        entries = {entry.pk: entry for entry in ListEntry.objects.order_by().only("kind", "value", "outcome")}
        matcher = Matcher(Entry(key, entry.kind, entry.value) for key, entry in entries.items())
        _built = built = _Built(version, matcher, entries)
    return built
