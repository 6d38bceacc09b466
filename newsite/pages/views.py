"""The public pages. Each is one body for everyone; what only one reader may see is under `yours/`."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib.flatpages.models import FlatPage
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string

from articles.content.rendering import render_body
from articles.content.sanitizer import clean_body
from articles.params import as_id
from comments.identity import reader_of
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.threads.pages import Cursor, Sort, where
from newsite.comment_pages.receipts import receipt_of
from newsite.http.decorators import for_reading, for_reading_now
from newsite.http.page_cache import public_page, stored_page
from newsite.observability.readiness import unapplied
from newsite.pages import article
from newsite.pages.site_context import frame_of, paper_version


@for_reading
def article_page(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    shown = article.find(day, slug)
    wanted = _wanted(request.GET, shown.pk)
    if wanted.is_stored:
        return stored_page(
            request, ("article", shown, wanted.sort), lambda: article.render(shown, wanted), due=shown.due
        )
    return public_page(
        request,
        ("article", shown, request.GET.urlencode()),
        lambda: article.render(shown, wanted),
        status=404 if wanted.is_reply_gone else 200,
        due=shown.due,
    )


def _wanted(query: QueryDict, article_id: int) -> article.Wanted:
    """Raises Http404 for a part that cannot be."""
    if not query:
        return article.FIRST_PAGE
    reply_to = (
        _shown(article_id).approved().filter(pk=as_id(query.get("reply", ""))).first() if "reply" in query else None
    )
    try:
        wanted = article.Wanted(
            sort=Sort(query.get("sort", Sort.NEWEST)),
            after=Cursor.parse(query.get("after", "")) if "after" in query and "thread" not in query else None,
            thread=_shown(article_id).get(pk=as_id(query.get("thread", "")), thread=None)
            if "thread" in query
            else None,
            behind=query.get("after", "") if "thread" in query else "",
            reply_to=reply_to,
            is_reply_gone="reply" in query and reply_to is None,
        )
    except (ValueError, Comment.DoesNotExist) as error:
        raise Http404 from error
    return wanted


def _shown(article_id: int) -> CommentQuerySet:
    return Comment.objects.filter(article_id=article_id, is_shown=True)


@for_reading_now
def article_yours(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    """The article as its commenter sees it: with what of theirs is still waiting."""
    shown = article.find(day, slug)
    wanted = _wanted(request.GET, shown.pk)
    device = reader_of(request).device
    received = None if device else receipt_of(request, shown.pk)
    return HttpResponse(article.render(shown, wanted, own_device=device, received=received, is_private=True))


@for_reading_now
def comment_permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """To the comment, on the page of the conversation where it stands."""
    comment = public_comment(pk)
    query = urlencode(where(comment))
    return redirect(f"{comment.article.get_absolute_url()}{query and '?'}{query}#comment-{comment.pk}")


def public_comment(pk: int) -> Comment:
    """With its article. Raises the same Http404 for a hidden one as for one that never was."""
    comment = get_object_or_404(Comment.objects.approved().select_related("article"), pk=pk)
    if not comment.article.is_public():
        raise Http404
    return comment


@for_reading
def flat_page(request: HttpRequest, address: str) -> HttpResponse:
    """Imprint, privacy, house rules: what editors write under an address of their own."""
    page = FlatPage.objects.filter(url=f"/{address}/").values_list("title", "content", paper_version()).first()
    if page is None:
        raise Http404
    title, content, paper = page
    return stored_page(
        request,
        ("page", address, *page),
        lambda: render_to_string(
            "newsite/flat_page.html",
            {
                "frame": frame_of(paper),
                "title": title,
                "content": render_body(clean_body(content)),
                "address": f"/{address}/",
            },
        ),
    )


@for_reading_now
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return HttpResponse("ok", content_type="text/plain")


@for_reading_now
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration that this code needs: 200, else 503."""
    try:
        missing = unapplied()
    except (DatabaseError, InterfaceError):
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    if missing:
        return HttpResponse(f"not migrated: {', '.join(missing)}", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
