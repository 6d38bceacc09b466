"""What an entry that fired is called, and where it stands in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from articles.params import as_id
from comments.models import Block, ListEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

_MODELS = (ListEntry, Block)
_AT_ONCE = 500  # parameters of one query


@dataclass(frozen=True)
class Entry:
    label: str
    address: str

    def __str__(self) -> str:
        return self.label


def named(entries: Iterable[str], user: User | AnonymousUser) -> dict[str, Entry]:
    """Of those that are still there, and that this user may see."""
    wanted: dict[str, list[int]] = {}
    for entry in entries:
        kind, _colon, pk = entry.partition(":")
        wanted.setdefault(kind, []).append(as_id(pk))
    found: dict[str, Entry] = {}
    for model in _MODELS:
        kind = str(model._meta.model_name)
        if not user.has_perm(f"comments.view_{kind}"):
            continue
        pks = wanted.get(kind, [])
        for start in range(0, len(pks), _AT_ONCE):
            for row in model._default_manager.filter(pk__in=pks[start : start + _AT_ONCE]):
                found[f"{kind}:{row.pk}"] = Entry(str(row), reverse(f"admin:comments_{kind}_change", args=[row.pk]))
    return found
