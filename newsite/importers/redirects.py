"""Redirects from the addresses of the previous system to the addresses here."""

from __future__ import annotations

from collections.abc import Iterator
import re
from urllib.parse import unquote

from django.conf import settings
from django.contrib.redirects.models import Redirect

from articles.content.urls import split_url
from articles.text import strip_control_chars
from newsite.importers.report import Report

MAX_PATH_LENGTH = int(Redirect._meta.get_field("old_path").max_length or 0)
BATCH_SIZE = 500
_ARTICLE_PATH = re.compile(r"/[0-9]{4}/[0-9]{2}/[0-9]{2}/[-\w]+/")
FEED_SUFFIX = "feed/"


def url_path(address: str) -> str:
    """Return the path as redirects store it: decoded, without host and query, with a trailing slash; empty if none."""
    try:
        path = unquote(split_url(address.strip()).path)
    except ValueError:
        return ""
    if not path.startswith("/") or path == "/":
        return ""
    has_file_name = "." in path.rpartition("/")[2]
    return path if path.endswith("/") or has_file_name else f"{path}/"


def url_host(address: str) -> str:
    """Return the host without `www.`; empty if the address is invalid."""
    try:
        return (split_url(address.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def old_paths(path: str) -> Iterator[str]:
    """Yield an old address and, unless it has the form of an article here, the address of its feed."""
    yield path
    if path.endswith("/") and not _ARTICLE_PATH.fullmatch(path):
        yield f"{path}{FEED_SUFFIX}"


class Redirects:
    """Redirects, created in batches; existing redirects are not changed."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._pending: dict[str, str] = {}

    def add(self, old: str, new: str) -> None:
        """Add a redirect between paths; the old one may have a query ("/?p=12")."""
        new = unquote(new)
        if not old or old == new:
            return
        if len(old) > MAX_PATH_LENGTH or len(new) > MAX_PATH_LENGTH:
            self._report.add_skipped(
                "redirects", old[:MAX_PATH_LENGTH], f"longer than {MAX_PATH_LENGTH} characters, the limit for redirects"
            )
            return
        if old != strip_control_chars(old) or new != strip_control_chars(new):
            self._report.add_skipped("redirects", strip_control_chars(old), "it contains control characters")
            return
        self._pending.setdefault(old, new)
        if len(self._pending) >= BATCH_SIZE:
            self.flush()

    def add_with_feed(self, old: str, new: str) -> None:
        for path in old_paths(old):
            self.add(path, f"{new}{FEED_SUFFIX}" if path != old else new)

    def flush(self) -> None:
        pending, self._pending = self._pending, {}
        existing = dict(
            Redirect.objects.filter(site_id=settings.SITE_ID, old_path__in=pending).values_list("old_path", "new_path")
        )
        for old, new in pending.items():
            if existing.get(old, new) != new:
                self._report.add_note(old, f"already leads to {existing[old]}, not to {new}")
        created = [
            Redirect(site_id=settings.SITE_ID, old_path=old, new_path=new)
            for old, new in pending.items()
            if old not in existing
        ]
        Redirect.objects.bulk_create(created)
        self._report.count("redirects", "new", len(created))
