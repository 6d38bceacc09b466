"""Old addresses that still lead to the article (django.contrib.redirects).

Paths are kept decoded, as a person reads them, and may have a query ("/?p=12"). Each leads to its end at once: where
an address moves a second time, what led to it is turned to the new one, so that there are neither chains nor loops.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import transaction

MAX_PATH_LENGTH = 200  # characters, as the table has them
_LIST_SUFFIXES = ("", "feed/", "feed/atom/")  # of a section, an author or a tag


@transaction.atomic
def add_redirect(old: str, new: str) -> None:
    """From now on `old` leads to `new`, and `new` nowhere else."""
    remove_redirect(new)
    if old == new:
        return
    Redirect.objects.filter(site_id=settings.SITE_ID, new_path=old).update(new_path=new)
    Redirect.objects.update_or_create(site_id=settings.SITE_ID, old_path=old, defaults={"new_path": new})


@transaction.atomic
def add_list_redirects(old: str, new: str) -> None:
    """As `keep_old_address`, for a list of articles and its feeds. Empty `old`: it is a new one."""
    for part in _LIST_SUFFIXES:
        if old:
            add_redirect(f"{old}{part}", f"{new}{part}")
        else:
            remove_redirect(f"{new}{part}")


def remove_redirect(path: str) -> None:
    """Something stands there again: it leads nowhere else."""
    Redirect.objects.filter(site_id=settings.SITE_ID, old_path=path).delete()
