"""Names that are reserved for the newsroom."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet, Value

from articles.models import Author, SiteSettings
from comments.db.compiled_query import CompiledQuery
from comments.models import MAX_NAME_LENGTH, SitePolicy
from comments.text.impersonation import NameClaim, ReservedNames

_PERSON, _SITE, _LISTED = "person", "site", "listed"


def classify_name(name: str) -> NameClaim:
    """Return what a guest's name claims, with a single query."""
    return _index(frozenset(_reserved())).classify(name)


def display_name(user: User) -> str:
    """Return the user's full name, or the site's name for a user without one; login names are not shown."""
    return (user.get_full_name() or SiteSettings.current().name)[:MAX_NAME_LENGTH]


@lru_cache(maxsize=2)  # changes only with staff, authors or settings, which is rare
def _index(reserved: frozenset[tuple[str, str]]) -> ReservedNames:
    def names(kind: str) -> list[str]:
        return [name for of_kind, name in reserved if of_kind == kind]

    return ReservedNames(people=names(_PERSON), sites=names(_SITE), listed=names(_LISTED))


def _reserved() -> Iterator[tuple[str, str]]:
    """Yield (kind, name) pairs; the site's name is included because staff without a full name write under it."""
    rows = _NAMES.rows()
    for kind, *names in rows:
        yield from ((kind, name) for name in " ".join(names).strip().splitlines())
    yield _SITE, settings.SITE_NAME
    if not any(kind == _LISTED for kind, *_names in rows):
        yield from ((_LISTED, name) for name in SitePolicy.defaults().reserved_names.splitlines())


def _names() -> QuerySet[Any, tuple[Any, ...]]:
    """Return one query for the names of the site, of the site policy (one a line), of staff and of authors.

    The first column is the kind.
    """
    nothing, person = Value(""), Value(_PERSON)
    return SiteSettings.objects.values_list(Value(_SITE), "name", nothing).union(
        SitePolicy.objects.values_list(Value(_LISTED), "reserved_names", nothing),
        User.objects.filter(is_staff=True, is_active=True).values_list(person, "first_name", "last_name"),
        Author.objects.order_by().values_list(person, "name", nothing),
        all=True,
    )


_NAMES = CompiledQuery(SiteSettings, _names)
