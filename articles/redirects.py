"""Redirects from old URLs (django.contrib.redirects).

Paths are stored without percent-encoding and may have a query ("/?p=12"). If a URL changes again, existing redirects to
it are updated, so that there are no chains and no loops.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import transaction

MAX_PATH_LENGTH = 200  # characters, as in the table of redirects
_LIST_SUFFIXES = ("", "feed/", "feed/atom/")  # of a section, an author or a tag


@transaction.atomic
def add_redirect(old: str, new: str) -> None:
    """Redirect `old` to `new`, and delete a redirect from `new`."""
    remove_redirect(new)
    if old == new:
        return
    Redirect.objects.filter(site_id=settings.SITE_ID, new_path=old).update(new_path=new)
    Redirect.objects.update_or_create(site_id=settings.SITE_ID, old_path=old, defaults={"new_path": new})


@transaction.atomic
def add_list_redirects(old: str, new: str) -> None:
    """Redirect a list of articles and its feeds as `add_redirect` does. `old` is empty for a new list."""
    for part in _LIST_SUFFIXES:
        if old:
            add_redirect(f"{old}{part}", f"{new}{part}")
        else:
            remove_redirect(f"{new}{part}")


def remove_redirect(path: str) -> None:
    """Delete the redirect from a path that has a page again."""
    Redirect.objects.filter(site_id=settings.SITE_ID, old_path=path).delete()
