"""Names that only the newsroom writes under."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import User

from articles.models import Author, Paper
from comments.models import NAME_LENGTH, SitePolicy
from comments.names import looks_like_any


def is_reserved(name: str) -> bool:
    """Whether a guest's name is, or looks like, that of staff, of an author, of the site, or one on the list."""
    return looks_like_any(name, _reserved())


def display_name(user: User) -> str:
    """The person's; for one without a name the paper's, since nobody needs to know a login."""
    return (user.get_full_name() or Paper.current().name)[:NAME_LENGTH]


def _reserved() -> Iterator[str]:
    yield settings.SITE_NAME
    yield Paper.current().name
    yield from SitePolicy.current().reserved_names.splitlines()
    for staff in User.objects.filter(is_staff=True, is_active=True):
        yield display_name(staff)
    yield from Author.objects.values_list("name", flat=True)
