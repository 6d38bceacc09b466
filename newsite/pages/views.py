"""Public pages, the same for all readers, and pages of one reader, which are under `yours/`."""

from __future__ import annotations

from datetime import date

from django.contrib.flatpages.models import FlatPage
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string

from articles.content.rendering import render_body
from articles.content.sanitizer import clean_body
from articles.params import parse_id
from comments.identity import get_reader
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.submission.receipts import get_receipt
from comments.threads.pages import Sort, parse_cursor
from comments.views.decorators import private_view
from newsite.http.decorators import public_view
from newsite.http.page_cache import cached_page, conditional_page
from newsite.observability.readiness import unapplied_migrations
from newsite.pages import article
from newsite.pages.site_context import site_context, site_settings_version


@public_view
def article_page(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    shown = article.get_published(day, slug)
    wanted = _conversation_query(request.GET, shown.pk)
    if wanted.is_stored:
        return cached_page(
            request, ("article", shown, wanted.sort), lambda: article.render_page(shown, wanted), expiry=shown.expiry
        )
    return conditional_page(
        request,
        ("article", shown, request.GET.urlencode()),
        lambda: article.render_page(shown, wanted),
        status=404 if wanted.is_reply_gone else 200,
        expiry=shown.expiry,
    )


def _conversation_query(query: QueryDict, article_id: int) -> article.ConversationQuery:
    """Parse the query of an article page.

    Raise Http404 for an invalid or missing part of the conversation.
    """
    if not query:
        return article.FIRST_PAGE
    reply_to = (
        _shown_comments(article_id).approved().filter(pk=parse_id(query.get("reply", ""))).first()
        if "reply" in query
        else None
    )
    try:
        sort = Sort(query.get("sort", Sort.NEWEST))
        wanted = article.ConversationQuery(
            sort=sort,
            after=parse_cursor(query.get("after", ""), sort) if "after" in query and "thread" not in query else None,
            thread=_shown_comments(article_id).get(pk=parse_id(query.get("thread", "")), thread=None)
            if "thread" in query
            else None,
            thread_after=query.get("after", "") if "thread" in query else "",
            reply_to=reply_to,
            is_reply_gone="reply" in query and reply_to is None,
        )
    except (ValueError, Comment.DoesNotExist) as error:
        raise Http404 from error
    return wanted


def _shown_comments(article_id: int) -> CommentQuerySet:
    return Comment.objects.filter(article_id=article_id, is_visible=True)


@private_view
def article_private(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    """Serve the article to one reader, with the reader's own pending comments."""
    shown = article.get_published(day, slug)
    wanted = _conversation_query(request.GET, shown.pk)
    device = get_reader(request).device
    received = None if device else get_receipt(request, shown.pk)
    return HttpResponse(article.render_page(shown, wanted, own_device=device, received=received, is_private=True))


@public_view
def flat_page(request: HttpRequest, address: str) -> HttpResponse:
    """Serve a flat page: imprint, privacy, house rules and other texts of editors at their own address."""
    page = FlatPage.objects.filter(url=f"/{address}/").values_list("title", "content", site_settings_version()).first()
    if page is None:
        raise Http404
    title, content, site_version = page
    return cached_page(
        request,
        ("page", address, *page),
        lambda: render_to_string(
            "newsite/flat_page.html",
            {
                "site": site_context(site_version),
                "title": title,
                "content": render_body(clean_body(content)),
                "address": f"/{address}/",
            },
        ),
    )


@private_view
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is running."""
    return HttpResponse("ok", content_type="text/plain")


@private_view
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database responds and has all migrations of this release, else 503."""
    try:
        missing = unapplied_migrations()
    except (DatabaseError, InterfaceError):
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    if missing:
        return HttpResponse(f"not migrated: {', '.join(missing)}", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
