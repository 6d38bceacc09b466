"""The addresses of the feeds, each kept under the versions of what it lists."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from articles.models import Article
from comments import feeds
from comments.models import Comment
from newsite import articlepage
from newsite.frame import current_frame
from newsite.receiving import for_reading
from newsite.storedpage import Due, stored_page


@for_reading
def all_comments(request: HttpRequest) -> HttpResponse:
    frame = current_frame()
    return _feed(request, feeds.latest(), title=frame.name, address="/", language=settings.LANGUAGE_CODE)


@for_reading
def article_comments(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    part = articlepage.article_part(shown := articlepage.find(day, slug))
    return _feed(
        request, feeds.latest(shown.pk), title=part.headline, address=part.address, language=settings.LANGUAGE_CODE
    )


def _feed(request: HttpRequest, comments: list[Comment], *, title: str, address: str, language: str) -> HttpResponse:
    versions = tuple((comment.pk, comment.version, comment.article.version) for comment in comments)
    ends = [comment.article.unpublish_at for comment in comments if comment.article.unpublish_at]
    return stored_page(
        request,
        ("feed", request.path, title, versions),
        lambda: feeds.rss(comments, title=title, address=address, feed_address=request.path, language=language),
        content_type=feeds.TYPE,
        due=Due(changes=Article.objects.next_due(), ends=min(ends, default=None)),
    )
