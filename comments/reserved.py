"""Names that only the newsroom writes under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet, Value

from articles.models import Author, Paper
from comments.models import NAME_LENGTH, SitePolicy
from comments.names import looks_like_any
from comments.preparedquery import PreparedQuery


def is_reserved(name: str) -> bool:
    """Whether a guest's name is, or looks like, that of staff, of an author, of the site, or one on the list."""
    return looks_like_any(name, _reserved())


def display_name(user: User) -> str:
    """The person's; for one without a name the paper's, since nobody needs to know a login."""
    return (user.get_full_name() or Paper.current().name)[:NAME_LENGTH]


def _reserved() -> Iterator[str]:
    """Staff without a name of their own write under the paper's."""
    yield settings.SITE_NAME
    rows = _NAMES.rows()
    for _kind, *names in rows:
        yield from " ".join(names).strip().splitlines()
    if not any(kind == _LISTED for kind, *_names in rows):
        yield from SitePolicy.defaults().reserved_names.splitlines()


def _names() -> QuerySet[Any, tuple[Any, ...]]:
    """The paper's; those on the list, a line each; of staff and authors, in one query. The first column is the kind."""
    nothing, name, listed = Value(""), Value(_NAME), Value(_LISTED)
    return Paper.objects.values_list(name, "name", nothing).union(
        SitePolicy.objects.values_list(listed, "reserved_names", nothing),
        User.objects.filter(is_staff=True, is_active=True).values_list(name, "first_name", "last_name"),
        Author.objects.order_by().values_list(name, "name", nothing),
        all=True,
    )


_NAME, _LISTED = "name", "listed"


_NAMES = PreparedQuery(Paper, _names)
