"""Articles of Disqus threads: found by the path of the link, or by the redirects from there."""

from __future__ import annotations

from datetime import date
import re
from urllib.parse import unquote

from django.conf import settings
from django.contrib.redirects.models import Redirect

from articles.content.urls import split_url
from articles.models import Article
from newsite.importers.disqus.parser import DisqusThread
from newsite.importers.redirects import url_path

MAX_REDIRECTS = 5
_ARTICLE_PATH = re.compile(r"/([0-9]{4})/([0-9]{2})/([0-9]{2})/([-\w]+)/")
_POST_ID = re.compile(r"^(\d+)\s|[?&](?:p|page_id)=(\d+)")  # WordPress plugin: "12 https://a.example/?p=12"


class ThreadIndex:
    """Threads of an export with their articles; an article is looked up once, and only if the thread has posts."""

    def __init__(self) -> None:
        self._threads: dict[str, DisqusThread] = {}
        self._articles: dict[str, int | None] = {}

    def add(self, thread: DisqusThread) -> None:
        self._threads.setdefault(thread.id, thread)

    def get(self, id: str) -> DisqusThread | None:
        return self._threads.get(id)

    def find_article(self, id: str) -> int | None:
        thread = self._threads.get(id)
        if thread is None:
            return None
        if id not in self._articles:
            articles = (_find_article(path) for path in _thread_paths(thread))
            self._articles[id] = next((pk for pk in articles if pk), None)
        return self._articles[id]


def _thread_paths(thread: DisqusThread) -> list[str]:
    """Return the addresses in the form of redirects, including those of numbered WordPress posts."""
    paths = []
    for text in (thread.link, thread.identifier):
        paths.append(url_path(text))
        if match := _POST_ID.search(text):
            paths.append(f"{_folder(thread.link)}/?p={match[1] or match[2]}")
    return [path for path in dict.fromkeys(paths) if path]


def _folder(link: str) -> str:
    """Return the folder of the blog in a link such as https://a.example/blog/?p=12."""
    try:
        parts = split_url(link)
    except ValueError:
        return ""
    return unquote(parts.path).rstrip("/") if parts.query else ""


def _find_article(path: str) -> int | None:
    for _hop in range(MAX_REDIRECTS):
        if article := _article_by_path(path):
            return article
        redirects = Redirect.objects.filter(site_id=settings.SITE_ID, old_path=path)
        path = redirects.values_list("new_path", flat=True).first() or ""
        if not path:
            break
    return None


def _article_by_path(path: str) -> int | None:
    match = _ARTICLE_PATH.fullmatch(path)
    if match is None:
        return None
    year, month, day, slug = match.groups()
    try:
        at = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return Article.objects.filter(day=at, slug=slug).values_list("pk", flat=True).first()
