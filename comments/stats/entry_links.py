"""Labels and admin links of the entries in rule hits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from articles.params import parse_id
from comments.models import Block, WordListEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

_MODELS = (WordListEntry, Block)
_BATCH_SIZE = 500  # query parameters


@dataclass(frozen=True)
class EntryLink:
    label: str
    address: str

    def __str__(self) -> str:
        return self.label


def find_entry_links(entries: Iterable[str], user: User | AnonymousUser) -> dict[str, EntryLink]:
    """Return the links of the entries that still exist and that this user may view."""
    wanted: dict[str, list[int]] = {}
    for entry in entries:
        kind, _colon, pk = entry.partition(":")
        wanted.setdefault(kind, []).append(parse_id(pk))
    found: dict[str, EntryLink] = {}
    for model in _MODELS:
        kind = str(model._meta.model_name)
        if not user.has_perm(f"comments.view_{kind}"):
            continue
        pks = wanted.get(kind, [])
        for start in range(0, len(pks), _BATCH_SIZE):
            for row in model._default_manager.filter(pk__in=pks[start : start + _BATCH_SIZE]):
                found[f"{kind}:{row.pk}"] = EntryLink(str(row), reverse(f"admin:comments_{kind}_change", args=[row.pk]))
    return found
