"""The pages that list the articles of a section, of an author, or about something: the newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from articles.models import Article, Author, Section, Tag
from comments.threads.pages import ThreadCursor
from newsite.http.decorators import public_view
from newsite.http.page_cache import cached_page, conditional_page
from newsite.pages.listing import PAGE_SIZE, ArticleListing, listing_context, load_listing


@dataclass(frozen=True)
class ListPage:
    """What has a page: the model, where its introduction stands, and how an article leads to it."""

    name: str
    model: type[Model]
    introduction: str
    lookup: str
    is_always_there: bool = False

    def listing(self, slug: str, *, after: ThreadCursor | None = None, limit: int = PAGE_SIZE) -> ArticleListing:
        """In one query. Raises Http404: a section is there also while nothing is published in it, but of an author or
        a tag of whose articles none is public not even the name is told.
        """
        found = load_listing(Article.objects.filter(**{self.lookup: slug}), after=after, limit=limit)
        is_there = found.articles or (self.is_always_there and not after and self._rows(slug).exists())
        if not is_there:
            raise Http404
        return found

    def get(self, slug: str) -> tuple[Model, str]:
        """It, and its introduction, which may be empty."""
        row = self._rows(slug).get()
        return row, str(getattr(row, self.introduction, ""))

    def _rows(self, slug: str) -> QuerySet[Model]:
        return self.model._default_manager.filter(slug=slug)


SECTION = ListPage("section", Section, "description", "section__slug", is_always_there=True)
AUTHOR = ListPage("author", Author, "about", "bylines__author__slug")
TAG = ListPage("tag", Tag, "", "tags__slug")


@public_view
def list_page(request: HttpRequest, slug: str, *, kind: ListPage) -> HttpResponse:
    """The first page is stored: everybody comes by it, hardly anybody by the others."""
    try:
        after = ThreadCursor.parse(request.GET["after"]) if "after" in request.GET else None
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
