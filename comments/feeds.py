"""RSS feeds of comments: all comments of the site, or those of one article."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _

from articles.models import Article
from comments.models import Comment
from comments.text.clean import remove_controls
from comments.text.links import text_as_html

FEED_SIZE = 50
RSS_CONTENT_TYPE = "application/rss+xml; charset=utf-8"


def latest_comments(article_id: int | None = None) -> list[Comment]:
    """Return the newest public comments of public articles, of one article or of all."""
    comments = Comment.objects.approved().filter(article__in=Article.objects.published()).newest_first()
    if article_id:
        comments = comments.filter(article_id=article_id)
    return list(comments.select_related("article")[:FEED_SIZE])


def render_rss(comments: Iterable[Comment], *, title: str, address: str, feed_address: str, language: str) -> str:
    """Render a feed that is well-formed for any text.

    URLs are made absolute with SITE_URL. The URL of a comment never changes.
    """
    feed = Rss201rev2Feed(
        title=remove_controls(title),
        link=settings.SITE_URL + address,
        feed_url=settings.SITE_URL + feed_address,
        description=_("Latest comments"),
        language=language,
    )
    for comment in comments:
        permalink = settings.SITE_URL + comment.get_absolute_url()
        headline = remove_controls(comment.article.headline)
        feed.add_item(
            title=_("%(name)s on “%(headline)s”") % {"name": comment.name, "headline": headline},
            link=permalink,
            unique_id=permalink,
            description=text_as_html(comment.text),
            author_name=comment.name,
            pubdate=comment.created_at,
        )
    return feed.writeString("utf-8")
