"""Background requests of an open page: number of new comments, and the reader's own comments."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from comments.identity import get_reader
from comments.readers.recommendations import recommended_by
from comments.threads.pages import own_html
from comments.views.decorators import private_view
from newsite.http.decorators import public_view
from newsite.http.page_cache import cache_control, conditional_page
from newsite.pages import article

# With a page that asks every 20 seconds, all readers see new comments within 25.
COUNT_FRESH_SECONDS = 5


@public_view
def new_comment_count(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    """Return the number of comments published under this article so far; the same for all readers."""
    shown = article.get_published(day, slug)
    response = conditional_page(
        request,
        ("published", shown.pk, shown.published_count),
        lambda: str(shown.published_count),
        content_type="text/plain",
    )
    response["Cache-Control"] = cache_control(shown.expiry, fresh=COUNT_FRESH_SECONDS, stale=0, if_error=0)
    return response


@private_view
def own_comments_fragment(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    """Return a fragment with the reader's recent comments here, pending or not, and recommended comments."""
    shown = article.get_published(day, slug)
    reader = get_reader(request)
    context = {
        "own": own_html(shown.pk, reader.device) if reader.device else [],
        "recommended": recommended_by(reader, shown.pk),
    }
    return HttpResponse(render_to_string("comments/_own_comments.html", context))
