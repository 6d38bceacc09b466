"""Sitemaps: every public address and its date of change, the news of two days, and robots.txt.

A file covers a range of ids. So the cost of a file does not grow with the site, and a row stays in its file.
django.contrib.sitemaps does not serve here: it finds a page with COUNT and OFFSET, takes the host from the request or
the sites table, writes the date of change without the time, and has no news sitemap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.flatpages.models import FlatPage
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from articles.feeds import absolute_url
from articles.models import Article, Byline, Section
from articles.text import strip_control_chars
from newsite.http.decorators import public_view
from newsite.http.page_cache import Expiry, cached_page, conditional_page
from newsite.pages.site_context import site_context, site_settings_version

IDS_PER_FILE = 10_000  # the format allows 50,000 addresses
INDEX_CACHE_SECONDS = 600
NEWS_PERIOD = timedelta(days=2)
MAX_NEWS = 1_000
XML_CONTENT_TYPE = "application/xml; charset=utf-8"
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
_LANGUAGES = {"zh-hans": "zh-cn", "zh-hant": "zh-tw"}  # the news format requires more than ISO 639 for these two


class SitemapUrl(NamedTuple):
    path: str
    modified_at: datetime | None = None


_CHANGED_AT = Greatest("published_at", Coalesce("updated_at", "published_at"))


class SitemapSection(NamedTuple):
    """Source of addresses: rows that link to public articles, with id, address arguments and date of change."""

    rows: Callable[[], QuerySet[Any]]
    row: str
    parts: tuple[str, ...]
    modified_at: Any


SITEMAP_SECTIONS = {
    "article": SitemapSection(Article.objects.published, "pk", ("day", "slug"), _CHANGED_AT),
    "author": SitemapSection(
        lambda: Byline.objects.filter(article__in=Article.objects.published()),
        *("author_id", ("author__slug",), "article__published_at"),
    ),
    "tag": SitemapSection(
        lambda: Article.tags.through.objects.filter(article__in=Article.objects.published()),
        *("tag_id", ("tag__slug",), "article__published_at"),
    ),
}


@public_view
def sitemap(request: HttpRequest) -> HttpResponse:
    """Serve the index: one file of pages, and one file for each kind and range with something public.

    The index reads all articles and contains no address that could expire, so it is rendered once in ten minutes.
    """
    slot = int(timezone.now().timestamp()) // INDEX_CACHE_SECONDS
    return cached_page(
        request,
        ("sitemap", slot),
        lambda: _addresses_as_xml(list(_files()), root="sitemapindex", element="sitemap"),
        content_type=XML_CONTENT_TYPE,
    )


def _files() -> Iterable[SitemapUrl]:
    yield SitemapUrl(reverse("sitemap_file", args=["page", 0]))
    for name, kind in SITEMAP_SECTIONS.items():
        ranges = kind.rows().values(file=F(kind.row) / IDS_PER_FILE).annotate(newest=Max(kind.modified_at))
        for number, newest in ranges.order_by("file").values_list("file", "newest"):
            yield SitemapUrl(reverse("sitemap_file", args=[name, number]), newest)


@public_view
def sitemap_file(request: HttpRequest, name: str, number: int) -> HttpResponse:
    if name == "page" and number == 0:
        addresses = list(_pages())
    elif name in SITEMAP_SECTIONS:
        addresses = _addresses(name, number)
    else:
        addresses = []
    if not addresses:
        raise Http404
    return conditional_page(
        request,
        ("sitemap", name, number, tuple(addresses)),
        lambda: _addresses_as_xml(addresses, root="urlset", element="url"),
        content_type=XML_CONTENT_TYPE,
        expiry=_due(),
    )


def _pages() -> Iterable[SitemapUrl]:
    yield SitemapUrl("/")
    sections = Section.objects.filter(pk__in=Article.objects.published().values("section"))
    yield from (SitemapUrl(section.get_absolute_url()) for section in sections)
    yield from (SitemapUrl(url) for url in FlatPage.objects.order_by("url").values_list("url", flat=True))


def _addresses(name: str, number: int) -> list[SitemapUrl]:
    kind = SITEMAP_SECTIONS[name]
    within = {f"{kind.row}__gte": number * IDS_PER_FILE, f"{kind.row}__lt": (number + 1) * IDS_PER_FILE}
    rows = kind.rows().filter(**within).values(kind.row, *kind.parts).annotate(newest=Max(kind.modified_at))
    return [
        SitemapUrl(reverse(name, args=parts), newest)
        for _row, *parts, newest in rows.order_by(kind.row).values_list(kind.row, *kind.parts, "newest")
    ]


def _addresses_as_xml(addresses: list[SitemapUrl], *, root: str, element: str) -> str:
    return _document(
        f"{root} {_SITEMAP}",
        (f"<{element}><loc>{_loc(each.path)}</loc>{_lastmod(each)}</{element}>" for each in addresses),
    )


def _due() -> Expiry:
    """Return an expiry that forbids stale copies, even in an outage: a sitemap must not list expired articles."""
    due = Article.objects.next_scheduled_change()
    return Expiry(changes_at=due, expires_at=due)


def _lastmod(address: SitemapUrl) -> str:
    return f"<lastmod>{_when(address.modified_at)}</lastmod>" if address.modified_at else ""


@public_view
def news_sitemap(request: HttpRequest) -> HttpResponse:
    """Serve the newest articles of the last two days; the format allows a thousand."""
    rows = list(
        Article.objects.published()
        .filter(published_at__gte=timezone.now() - NEWS_PERIOD)
        .newest_first()
        .values_list(
            site_settings_version(),
            *("day", "slug", "language", "headline"),
            Coalesce("first_published_at", "published_at"),
        )[:MAX_NEWS]
    )
    return conditional_page(
        request, ("news", tuple(rows)), lambda: _news(rows), content_type=XML_CONTENT_TYPE, expiry=_due()
    )


def _news(rows: list[tuple[Any, ...]]) -> str:
    name = escape(strip_control_chars(site_context(rows[0][0]).name)) if rows else ""
    return _document(
        f"urlset {_SITEMAP} {_NEWS}",
        (
            f"<url><loc>{_loc(reverse('article', args=[day, slug]))}</loc><news:news>"
            f"<news:publication><news:name>{name}</news:name><news:language>{_language(language)}</news:language>"
            f"</news:publication><news:publication_date>{_when(at)}</news:publication_date>"
            f"<news:title>{escape(strip_control_chars(headline))}</news:title></news:news></url>"
            for _site_version, day, slug, language, headline, at in rows
        ),
    )


def _language(code: str) -> str:
    return _LANGUAGES.get(code, code.partition("-")[0])


def _document(root: str, elements: Iterable[str]) -> str:
    name = root.partition(" ")[0]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<{root}>", *elements, f"</{name}>", ""])


def _loc(path: str) -> str:
    return escape(absolute_url(path))


def _when(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


@public_view
def robots(request: HttpRequest) -> HttpResponse:
    """Serve robots.txt, which excludes pages of one reader and pages rendered for each request."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/admin/", "/search/", "/comments/", "/letters/", "/preview/", "/*/yours/")),
        "Allow: /comments/feed/",
        f"Sitemap: {absolute_url('/sitemap.xml')}",
        f"Sitemap: {absolute_url('/news-sitemap.xml')}",
        "",
    ]
    return conditional_page(request, ("robots",), lambda: "\n".join(lines), content_type="text/plain; charset=utf-8")
