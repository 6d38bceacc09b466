"""Feeds of articles and comments, cached by the versions of their items.

The XML is written by django.utils.feedgenerator. The views of django.contrib.syndication do not serve here: they
render before they can answer 304, take the host from the request or the sites table, and know one author per item.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from articles.feeds import FEED_SIZE, Feed
from articles.models import Article
from comments import feeds
from comments.models import Comment
from newsite.http.decorators import public_view
from newsite.http.page_cache import Expiry, cached_page
from newsite.pages import article
from newsite.pages.article_lists import ListPage
from newsite.pages.listing import ArticleListing, listing_context, load_listing
from newsite.pages.site_context import SiteContext, current_site_context, site_context

ATOM_CONTENT_TYPE = "application/atom+xml; charset=utf-8"


@public_view
def all_articles(request: HttpRequest, *, as_atom: bool) -> HttpResponse:
    return _articles(
        request,
        load_listing(Article.objects.all(), limit=FEED_SIZE),
        lambda frame: Feed(frame.name, frame.tagline or frame.name, "/", request.path),
        as_atom=as_atom,
    )


@public_view
def list_page_feed(request: HttpRequest, slug: str, *, kind: ListPage, as_atom: bool) -> HttpResponse:
    def feed(frame: SiteContext) -> Feed:
        subject, introduction = kind.get(slug)
        title = f"{subject} – {frame.name}"
        return Feed(title, introduction or title, reverse(kind.name, args=[slug]), request.path)

    return _articles(request, kind.listing(slug, limit=FEED_SIZE), feed, as_atom=as_atom)


def _articles(
    request: HttpRequest, listing: ArticleListing, feed: Callable[[SiteContext], Feed], *, as_atom: bool
) -> HttpResponse:
    def make() -> str:
        articles = listing_context(listing)["articles"]
        prefetch_related_objects(articles, "tags")
        return feed(site_context(listing.site_version)).of(articles, as_atom=as_atom)

    shown = (listing.site_version, tuple((each.pk, each.version) for each in listing.articles))
    content_type = ATOM_CONTENT_TYPE if as_atom else feeds.RSS_CONTENT_TYPE
    return cached_page(
        request, ("articles", request.path, shown), make, content_type=content_type, expiry=listing.expiry
    )


@public_view
def all_comments(request: HttpRequest) -> HttpResponse:
    frame = current_site_context()
    return _comments(request, feeds.latest_comments(), title=frame.name, address="/")


@public_view
def article_comments(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    part = article.get_rendered_article(shown := article.get_published(day, slug))
    return _comments(request, feeds.latest_comments(shown.pk), title=part.headline, address=part.address)


def _comments(request: HttpRequest, comments: list[Comment], *, title: str, address: str) -> HttpResponse:
    versions = tuple((comment.pk, comment.version, comment.article.version) for comment in comments)
    ends = [comment.article.unpublish_at for comment in comments if comment.article.unpublish_at]
    language = settings.LANGUAGE_CODE
    return cached_page(
        request,
        ("feed", request.path, title, versions),
        lambda: feeds.render_rss(comments, title=title, address=address, feed_address=request.path, language=language),
        content_type=feeds.RSS_CONTENT_TYPE,
        expiry=Expiry(changes_at=Article.objects.next_scheduled_change(), expires_at=min(ends, default=None)),
    )
