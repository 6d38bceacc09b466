"""All addresses of the site. They are permanent."""

from __future__ import annotations

from datetime import date

from django.contrib import admin
from django.urls import path, register_converter

from newsite.comment_pages import edit, live, own_comments, post, recommend, report, subscriptions
from newsite.observability.views import metrics
from newsite.pages import (
    article_lists,
    corrections,
    errors,
    feeds,
    front_page,
    media,
    previews,
    redirects,
    search,
    sitemaps,
    views,
)


class DayConverter:
    regex = "[0-9]{4}/[0-9]{2}/[0-9]{2}"

    def to_python(self, value: str) -> date:
        year, month, day = map(int, value.split("/"))
        return date(year, month, day)

    def to_url(self, value: date) -> str:
        return f"{value.year:04}/{value.month:02}/{value.day:02}"


class UnicodeSlug:
    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PagePath(UnicodeSlug):
    regex = r"[-\w]+(?:/[-\w]+)*"


class FileNumber:
    """Number without leading zeros, so that each file has one address."""

    regex = "0|[1-9][0-9]{0,5}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(DayConverter, "day")
register_converter(UnicodeSlug, "unicode_slug")
register_converter(FileNumber, "file_number")
register_converter(PagePath, "page_path")
register_converter(media.ImagePath, "picture_name")

urlpatterns = [
    path("", front_page.front_page, name="front"),
    path("<day:day>/<unicode_slug:slug>/", views.article_page, name="article"),
    path("<day:day>/<unicode_slug:slug>/comments/", post.post_comment, name="post_comment"),
    path("<day:day>/<unicode_slug:slug>/yours/", views.article_private, name="article_yours"),
    path("<day:day>/<unicode_slug:slug>/feed/", feeds.article_comments, name="article_feed"),
    path("<day:day>/<unicode_slug:slug>/comments/published/", live.new_comment_count, name="article_published"),
    path("<day:day>/<unicode_slug:slug>/comments/mine/", live.own_comments_fragment, name="article_mine"),
    path("comments/feed/", feeds.all_comments, name="comments_feed"),
    *[
        each
        for kind in (article_lists.SECTION, article_lists.AUTHOR, article_lists.TAG)
        for each in (
            path(f"{kind.name}/<unicode_slug:slug>/", article_lists.list_page, {"kind": kind}, name=kind.name),
            path(
                f"{kind.name}/<unicode_slug:slug>/feed/",
                feeds.list_page_feed,
                {"kind": kind, "as_atom": False},
                name=f"{kind.name}_feed",
            ),
            path(
                f"{kind.name}/<unicode_slug:slug>/feed/atom/",
                feeds.list_page_feed,
                {"kind": kind, "as_atom": True},
                name=f"{kind.name}_atom",
            ),
        )
    ],
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap/<str:name>-<file_number:number>.xml", sitemaps.sitemap_file, name="sitemap_file"),
    path("news-sitemap.xml", sitemaps.news_sitemap, name="news_sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("feed/", feeds.all_articles, {"as_atom": False}, name="feed"),
    path("feed/atom/", feeds.all_articles, {"as_atom": True}, name="atom"),
    path("comments/<int:pk>/", views.comment_permalink, name="comment"),
    path("comments/yours/", own_comments.your_comments, name="your_comments"),
    path("comments/<int:pk>/edit/", edit.edit_comment, name="edit_comment"),
    path("comments/<int:pk>/report/", report.report_comment, name="report_comment"),
    path("comments/<int:pk>/withdraw/", own_comments.withdraw_comment, name="withdraw"),
    path("comments/<int:pk>/recommend/", recommend.recommend_comment, name="recommendation"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("search/", search.search_page, name="search"),
    path("letters/", subscriptions.letters, name="letters"),
    path("letters/<str:token>/", subscriptions.letter, name="letter"),
    path("letters/<str:token>/stop/", subscriptions.unsubscribe_page, name="stop_letters"),
    path("preview/<str:token>/", previews.preview, name="preview"),
    path("media/<picture_name:name>", media.serve_image, name="media"),
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
