"""All addresses of the site. They are permanent."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, register_converter

from articles.urls import UnicodeSlugConverter, article_urls
from newsite.observability.views import metrics
from newsite.pages import (
    article_lists,
    comment_updates,
    corrections,
    errors,
    feeds,
    front_page,
    media,
    post_comment,
    previews,
    redirects,
    search,
    sitemaps,
    views,
)


class FileNumberConverter:
    """Number without leading zeros, so that each file has one address."""

    regex = "0|[1-9][0-9]{0,5}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class PagePathConverter(UnicodeSlugConverter):
    regex = r"[-\w]+(?:/[-\w]+)*"


register_converter(FileNumberConverter, "file_number")
register_converter(PagePathConverter, "page_path")
register_converter(media.ImagePath, "image_name")

LIST_PAGES = (article_lists.SECTION, article_lists.AUTHOR, article_lists.TAG)

urlpatterns = [
    path("", front_page.front_page, name="front_page"),
    *article_urls(
        article=views.article_page,
        preview=previews.preview,
        lists={kind.name: (article_lists.list_page, {"kind": kind}) for kind in LIST_PAGES},
    ),
    path("<day:day>/<unicode_slug:slug>/comments/", post_comment.post_comment, name="post_comment"),
    path("<day:day>/<unicode_slug:slug>/yours/", views.article_private, name="article_private"),
    path("<day:day>/<unicode_slug:slug>/feed/", feeds.article_comments, name="article_feed"),
    path(
        "<day:day>/<unicode_slug:slug>/comments/published/", comment_updates.new_comment_count, name="new_comment_count"
    ),
    path(
        "<day:day>/<unicode_slug:slug>/comments/mine/",
        comment_updates.own_comments_fragment,
        name="own_comments_fragment",
    ),
    path("comments/feed/", feeds.all_comments, name="comments_feed"),
    path("", include("comments.urls")),
    *[
        path(
            f"{kind.name}/<unicode_slug:slug>/feed/{path_end}",
            feeds.list_page_feed,
            {"kind": kind, "as_atom": as_atom},
            name=f"{kind.name}_{name_end}",
        )
        for kind in LIST_PAGES
        for path_end, name_end, as_atom in (("", "feed", False), ("atom/", "atom", True))
    ],
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap/<str:name>-<file_number:number>.xml", sitemaps.sitemap_file, name="sitemap_file"),
    path("news-sitemap.xml", sitemaps.news_sitemap, name="news_sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("feed/", feeds.all_articles, {"as_atom": False}, name="feed"),
    path("feed/atom/", feeds.all_articles, {"as_atom": True}, name="feed_atom"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("search/", search.search_page, name="search"),
    path("media/<image_name:name>", media.serve_image, name="media"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("<page_path:address>/", views.flat_page, name="flat_page"),
]

handler404 = redirects.redirect_or_not_found
handler500 = errors.server_error
handler403 = errors.forbidden
handler400 = errors.bad_request
