"""The pages that list the articles of a section, of an author, or about something: the newest first, page by page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string

from articles.models import Article, Author, Section, Tag
from articles.models.article import ArticleQuerySet
from comments.threads import Cursor
from newsite.lists import newest_of, versions_of
from newsite.receiving import for_reading
from newsite.storedpage import public_page, stored_page

Subject = Section | Author | Tag


@for_reading
def section_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A section has a page also while nothing is published in it."""
    articles = Article.objects.filter(section__slug=slug)
    return _page(request, "section", slug, articles, lambda: get_object_or_404(Section, slug=slug))


@for_reading
def author_page(request: HttpRequest, slug: str) -> HttpResponse:
    articles = Article.objects.filter(bylines__author__slug=slug)
    return _page(request, "author", slug, articles, lambda: Author.objects.get(slug=slug))


@for_reading
def tag_page(request: HttpRequest, slug: str) -> HttpResponse:
    articles = Article.objects.filter(tags__slug=slug)
    return _page(request, "tag", slug, articles, lambda: Tag.objects.get(slug=slug))


def _page(
    request: HttpRequest, kind: str, slug: str, articles: ArticleQuerySet, subject: Callable[[], Subject]
) -> HttpResponse:
    """The first page is stored: everybody comes by it, hardly anybody by the others."""
    try:
        after = Cursor.parse(request.GET["after"]) if "after" in request.GET else None
    except ValueError as error:
        raise Http404 from error
    listing = versions_of(articles, after=after)
    if not listing.articles:
        if after or kind != "section":  # of what is not public not even the name is told
            raise Http404
        subject()  # raises Http404 where there is no such section

    def make() -> str:
        about = subject()
        context = {
            "subject": about,
            "description": getattr(about, "description", getattr(about, "about", "")),
            "kicker": kind != "section",
            "after": after,
            "next": listing.next,
            **newest_of(listing),
        }
        return render_to_string(f"newsite/{kind}_page.html", context)

    keep = public_page if after else stored_page
    return keep(request, (kind, slug, after, listing), make, due=listing.due)
