"""Redirects from WordPress pages of categories, tags and authors, including feeds and short addresses."""

from __future__ import annotations

from urllib.parse import unquote

from articles.models import ImportRecord
from newsite.importers.redirects import Redirects
from newsite.importers.wordpress.first_pass import ExportIndex
from newsite.importers.wordpress.terms import TermMapper, nicename

URL_TEMPLATES = {
    ImportRecord.Kind.AUTHOR: "/author/{}/",
    ImportRecord.Kind.SECTION: "/section/{}/",
    ImportRecord.Kind.TAG: "/tag/{}/",
}


def redirect_terms(terms: TermMapper, index: ExportIndex, redirects: Redirects) -> None:
    """Add the redirects; a category that became both a section and a tag redirects to the section."""
    pages: dict[tuple[str, str], str] = {}
    for kind, key, term in terms.used_terms():
        pages[kind, key] = URL_TEMPLATES[ImportRecord.Kind(kind)].format(term.slug)
    base = index.base
    for slug, category in index.categories.items():
        new = pages.get((ImportRecord.Kind.SECTION, slug)) or pages.get((ImportRecord.Kind.TAG, slug))
        if new:
            redirects.add_with_feed(unquote(f"{base}/category/{index.category_path(slug)}/"), new)
            redirects.add(f"{base}/?cat={category.id}", new) if category.id else None
    for slug in index.tags:
        if new := pages.get((ImportRecord.Kind.TAG, slug)):
            redirects.add_with_feed(unquote(f"{base}/tag/{slug}/"), new)
            redirects.add(unquote(f"{base}/?tag={slug}"), new)
    for login, author in index.authors.items():
        if new := pages.get((ImportRecord.Kind.AUTHOR, login)):
            old = f"{base}/author/{nicename(login).lower()}/"
            if old not in pages.values():  # keep an existing author's own page
                redirects.add_with_feed(old, new)
            redirects.add(f"{base}/?author={author.id}", new) if author.id else None
    for old in ("feed/rss/", "feed/rss2/", "feed/rdf/", "?feed=rss2", "?feed=rss", "?feed=atom"):
        redirects.add(f"{base}/{old}", "/feed/")
    if base:
        redirects.add(f"{base}/feed/", "/feed/")
        redirects.add(f"{base}/comments/feed/", "/comments/feed/")
