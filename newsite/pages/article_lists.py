"""The pages that list the articles of a section, of an author, or about something: the newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from articles.models import Article, Author, Section, Tag
from comments.threads.pages import Cursor
from newsite.http.decorators import for_reading
from newsite.http.page_cache import public_page, stored_page
from newsite.pages.listing import LISTED, Listing, newest_of, versions_of


@dataclass(frozen=True)
class Kind:
    """What has a page: the model, where its introduction stands, and how an article leads to it."""

    name: str
    model: type[Model]
    introduction: str
    lookup: str
    is_always_there: bool = False

    def listing(self, slug: str, *, after: Cursor | None = None, at_most: int = LISTED) -> Listing:
        """In one query. Raises Http404: a section is there also while nothing is published in it, but of an author or
        a tag of whose articles none is public not even the name is told.
        """
        found = versions_of(Article.objects.filter(**{self.lookup: slug}), after=after, at_most=at_most)
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


SECTION = Kind("section", Section, "description", "section__slug", is_always_there=True)
AUTHOR = Kind("author", Author, "about", "bylines__author__slug")
TAG = Kind("tag", Tag, "", "tags__slug")


@for_reading
def list_page(request: HttpRequest, slug: str, *, kind: Kind) -> HttpResponse:
    """The first page is stored: everybody comes by it, hardly anybody by the others."""
    try:
        after = Cursor.parse(request.GET["after"]) if "after" in request.GET else None
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
            **newest_of(listing),
        }
        return render_to_string(f"newsite/{kind.name}_page.html", context)

    keep = public_page if after else stored_page
    return keep(request, (kind.name, slug, after, listing), make, due=listing.due)
