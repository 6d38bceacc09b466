"""The public pages. Each is one body for everyone; what only one reader may see is under `yours/`."""

from __future__ import annotations

from datetime import date

from django.contrib.flatpages.models import FlatPage
from django.db import DatabaseError, connection
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.body import clean_body
from articles.models import Article, Section
from comments.models import Comment
from comments.readers import reader_of
from comments.threads import page_with
from newsite import articlepage
from newsite.articlepage import find
from newsite.frame import frame_of, paper_version
from newsite.lists import front_context, newest_of, versions_of
from newsite.storedpage import stored_page


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    newest = versions_of(Article.objects.published())
    return stored_page(
        request,
        ("front", timezone.localdate(), *newest),
        lambda: render_to_string("newsite/front_page.html", front_context(newest)),
    )


@require_safe
def section_page(request: HttpRequest, slug: str) -> HttpResponse:
    section = get_object_or_404(Section, slug=slug)
    newest = versions_of(section.articles.published())
    return stored_page(
        request,
        ("section", section.pk, *newest),
        lambda: render_to_string("newsite/section_page.html", {"section": section, **newest_of(newest)}),
    )


@require_safe
def article_page(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    shown = find(day, slug)
    before = _before(request, shown.pk)
    return stored_page(
        request, ("article", shown, before and before.pk), lambda: articlepage.render(shown, before=before)
    )


def _before(request: HttpRequest, article_id: int) -> Comment | None:
    """The opening comment that this page of the conversation begins below."""
    raw = request.GET.get("before", "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 19):
        raise Http404
    return get_object_or_404(Comment, pk=int(raw), article_id=article_id, thread=None)


@require_safe
@never_cache
def article_yours(request: HttpRequest, day: date, slug: str) -> HttpResponse:
    """The article as its commenter sees it: with what of theirs is still waiting."""
    shown = find(day, slug)
    return HttpResponse(articlepage.render(shown, own_device=reader_of(request).device, is_private=True))


@require_safe
@never_cache
def comment_permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """To the comment, on the page of the conversation where it stands."""
    comment = get_object_or_404(Comment.objects.approved().select_related("article"), pk=pk)
    if not comment.article.is_public():
        raise Http404
    above = page_with(comment)
    query = f"?before={above.pk}" if above else ""
    return redirect(f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}")


@require_safe
def flat_page(request: HttpRequest, address: str) -> HttpResponse:
    """Imprint, privacy, house rules: what editors write under an address of their own."""
    page = (
        FlatPage.objects.filter(url=f"/{address}/")
        .values_list("title", "content", Coalesce(paper_version(), 0))
        .first()
    )
    if page is None:
        raise Http404
    title, content, paper = page
    return stored_page(
        request,
        ("page", address, *page),
        lambda: render_to_string(
            "newsite/flat_page.html",
            {"frame": frame_of(paper), "title": title, "content": clean_body(content), "address": f"/{address}/"},
        ),
    )


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers: 200, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
