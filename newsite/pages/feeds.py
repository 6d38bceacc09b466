"""The addresses of the feeds, each kept under the versions of what it lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from articles.feeds import IN_A_FEED, Feed
from articles.models import Article
from comments import feeds
from comments.models import Comment
from newsite.http.decorators import for_reading
from newsite.http.page_cache import Due, stored_page
from newsite.pages import article
from newsite.pages.article_lists import Kind
from newsite.pages.listing import Listing, newest_of, versions_of
from newsite.pages.site_context import Frame, current_frame, frame_of

ATOM = "application/atom+xml; charset=utf-8"


@for_reading
def all_articles(request: HttpRequest, *, as_atom: bool) -> HttpResponse:
    return _articles(
        request,
        versions_of(Article.objects.all(), at_most=IN_A_FEED),
        lambda frame: Feed(frame.name, frame.tagline or frame.name, "/", request.path),
        as_atom=as_atom,
    )


@for_reading
def articles_of(request: HttpRequest, slug: str, *, kind: Kind, as_atom: bool) -> HttpResponse:
    def feed(frame: Frame) -> Feed:
        subject, introduction = kind.get(slug)
        title = f"{subject} – {frame.name}"
        return Feed(title, introduction or title, reverse(kind.name, args=[slug]), request.path)

    return _articles(request, kind.listing(slug, at_most=IN_A_FEED), feed, as_atom=as_atom)


def _articles(request: HttpRequest, listing: Listing, feed: Callable[[Frame], Feed], *, as_atom: bool) -> HttpResponse:
    def make() -> str:
        articles = newest_of(listing)["articles"]
        prefetch_related_objects(articles, "tags")
        return feed(frame_of(listing.paper)).of(articles, as_atom=as_atom)

    shown = (listing.paper, tuple((each.pk, each.version) for each in listing.articles))
    content_type = ATOM if as_atom else feeds.TYPE
    return stored_page(request, ("articles", request.path, shown), make, content_type=content_type, due=listing.due)


@for_reading
def all_comments(request: HttpRequest) -> HttpResponse:
    frame = current_frame()
    return _comments(request, feeds.latest(), title=frame.name, address="/")


@for_reading
def article_comments(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    part = article.article_part(shown := article.find(day, slug))
    return _comments(request, feeds.latest(shown.pk), title=part.headline, address=part.address)


def _comments(request: HttpRequest, comments: list[Comment], *, title: str, address: str) -> HttpResponse:
    versions = tuple((comment.pk, comment.version, comment.article.version) for comment in comments)
    ends = [comment.article.unpublish_at for comment in comments if comment.article.unpublish_at]
    language = settings.LANGUAGE_CODE
    return stored_page(
        request,
        ("feed", request.path, title, versions),
        lambda: feeds.rss(comments, title=title, address=address, feed_address=request.path, language=language),
        content_type=feeds.TYPE,
        due=Due(changes=Article.objects.next_due(), ends=min(ends, default=None)),
    )
