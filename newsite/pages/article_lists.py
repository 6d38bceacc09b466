"""Lists of the articles of a section, an author or a tag, newest first, in pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from articles.cursor import PageCursor
from articles.models import Article, Author, Section, Tag
from newsite.http.decorators import public_view
from newsite.http.page_cache import cached_page, conditional_page
from newsite.pages.listing import PAGE_SIZE, ArticleListing, listing_context, load_listing


@dataclass(frozen=True)
class ListPage:
    """Kind of list page: the model, its introduction field, and the lookup from an article to it."""

    name: str
    model: type[Model]
    introduction: str
    lookup: str
    is_always_there: bool = False

    def listing(self, slug: str, *, after: PageCursor | None = None, limit: int = PAGE_SIZE) -> ArticleListing:
        """Return a page of the list, in one query.

        Raise Http404 if it is empty. An empty section has a page nevertheless. An author or a tag without public
        articles has none, so that its name is not disclosed.
        """
        found = load_listing(Article.objects.filter(**{self.lookup: slug}), after=after, limit=limit)
        is_there = found.articles or (self.is_always_there and not after and self._rows(slug).exists())
        if not is_there:
            raise Http404
        return found

    def get(self, slug: str) -> tuple[Model, str]:
        """Return the object and its introduction, which may be empty."""
        row = self._rows(slug).get()
        return row, str(getattr(row, self.introduction, ""))

    def _rows(self, slug: str) -> QuerySet[Model]:
        return self.model._default_manager.filter(slug=slug)


SECTION = ListPage("section", Section, "description", "section__slug", is_always_there=True)
AUTHOR = ListPage("author", Author, "about", "bylines__author__slug")
TAG = ListPage("tag", Tag, "", "tags__slug")


@public_view
def list_page(request: HttpRequest, slug: str, *, kind: ListPage) -> HttpResponse:
    """Serve a list page; only the first page is cached, because few readers request the others."""
    try:
        after = PageCursor.parse(request.GET["after"]) if "after" in request.GET else None
    except ValueError as error:
        raise Http404 from error
    listing = kind.listing(slug, after=after)

    def make() -> str:
        subject, introduction = kind.get(slug)
        context = {
            "subject": subject,
            "introduction": introduction,
            "kicker": kind != SECTION,
            "after": after,
            "next": listing.next,
            **listing_context(listing),
        }
        return render_to_string(f"newsite/{kind.name}_page.html", context)

    keep = conditional_page if after else cached_page
    return keep(request, (kind.name, slug, after, listing), make, expiry=listing.expiry)
