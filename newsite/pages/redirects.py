"""Redirects of addresses that do not exist: two queries, made only where no view answers."""

from __future__ import annotations

import re
from urllib.parse import unquote

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import DatabaseError
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from articles.models import Article
from articles.redirects import MAX_PATH_LENGTH
from newsite.db.replica.router import from_replica, is_public_view
from newsite.http.page_cache import cache_control, make_not_found_cacheable
from newsite.pages import errors

_GONE = {404, 410}
_ARTICLE = {"day", "slug"}  # arguments of the addresses of an article and of its subpages
_PARAMETERS = 10  # parameters of a query that are tried as old addresses

# Subpages of a WordPress article: pages of comments, pages of the text, and trackbacks.
_PART = re.compile(r"(/.+/)(?:comment-page-[0-9]+|[0-9]{1,4}|trackback)/?")
_THUMBNAIL = re.compile(r"(/.+)-[0-9]{1,5}x[0-9]{1,5}(\.[0-9A-Za-z]{2,5})")  # sizes of an image, next to the image
_INDEX = "/index.php"  # the same as "/" in WordPress
_RENAMED_FEEDS = {f"/comments/feed/{kind}/": "comments_feed" for kind in ("rss2", "rss", "rdf", "atom")}


class _PermanentRedirectKeepingMethod(HttpResponsePermanentRedirect):
    """Redirect with status 308, so that clients repeat a POST request and its body at the new address."""

    status_code = 308


@from_replica
def redirect_or_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Redirect a request for a missing page to its new address, or answer 404.

    POST requests are answered by the view itself.
    """
    is_read = request.method in {"GET", "HEAD"} and not request.path.startswith("/admin/")
    try:
        answer = redirect_response(request) if is_read else None
    except DatabaseError:
        return errors.not_found(request, exception)
    answer = answer or errors.not_found(request, exception)
    match = request.resolver_match
    if (
        is_read and answer.status_code in _GONE and match and is_public_view(match)
    ):  # caches may still hold the former page
        make_not_found_cacheable(answer)
    return answer


def redirect_response(request: HttpRequest, *, is_by_query: bool = False) -> HttpResponse | None:
    """Return the response for a moved address (301; 410 without a new address), or None.

    Addresses below an article (its feed, its comments) move with it. With `is_by_query`, the path exists and only the
    path with its query ("/?p=12") may be an old address.
    """
    query = request.META["QUERY_STRING"]
    if name := _RENAMED_FEEDS.get(request.path):
        return _answer(request, reverse(name), "", query)
    path = "/" if request.path == _INDEX else request.path
    candidates = {f"{path}?{each}": ("", "") for each in _queries(query)}
    if not is_by_query:
        candidates |= _paths(request, query)
    wanted = [path for path in candidates if len(path) <= MAX_PATH_LENGTH]
    if not wanted:
        return None
    redirects = Redirect.objects.filter(site_id=settings.SITE_ID, old_path__in=wanted)
    if match := _of_article(request):  # a later article that was published at this address is not redirected
        redirects = redirects.exclude(Exists(Article.objects.filter(published_at__lte=timezone.now(), **match.kwargs)))
    found = dict(redirects.values_list("old_path", "new_path"))
    old = next((path for path in wanted if path in found), None)
    if old is None:
        return _redirect_to_article(request, query)
    return None if _is_hidden(found[old]) else _answer(request, found[old], *candidates[old])


def _is_hidden(new: str) -> bool:
    """Return whether the address belongs to an article that readers cannot see, so that its slug stays confidential."""
    match = _article_at(new.partition("?")[0])
    article = Article.objects.filter(**match.kwargs).first() if match else None
    return article is not None and not article.is_public()


def _redirect_to_article(request: HttpRequest, query: str) -> HttpResponse | None:
    """Redirect from a former subpage to its article, if readers can see the article."""
    whole, match = _whole(request.path), _of_article(request)
    if not whole or not match or not Article.objects.published().filter(**match.kwargs).exists():
        return None
    return _answer(request, whole, "", query)


def _whole(path: str) -> str:
    """Return the address of the article to which this subpage belonged; empty if the path has no such form."""
    match = _PART.fullmatch(path)
    return match[1] if match else ""


def _queries(query: str) -> list[str]:
    """Return the whole query, then each parameter, because other sites may have appended theirs."""
    parts = [unquote(part) for part in query.split("&")[:_PARAMETERS] if part]
    return list(dict.fromkeys([unquote(query), *parts])) if parts else []


def _paths(request: HttpRequest, query: str) -> dict[str, tuple[str, str]]:
    """Return candidate old addresses, each with the path suffix and the query to append to the new address.

    These are the path itself, the path of its article, and the path of the image of which it was a size.
    """
    paths = {request.path: ("", query)}
    if whole := _whole(request.path):
        paths[whole] = ("", query)
    elif match := _of_article(request):
        article = unquote(reverse("article", kwargs=match.kwargs))
        paths.setdefault(article, (request.path.removeprefix(article), query))
    elif smaller := _THUMBNAIL.fullmatch(request.path):
        paths[f"{smaller[1]}{smaller[2]}"] = ("", "")
    return paths


def _of_article(request: HttpRequest) -> ResolverMatch | None:
    if whole := _whole(request.path):
        return _article_at(whole)
    match = request.resolver_match
    return match if match and match.kwargs.keys() == _ARTICLE else None


def _article_at(path: str) -> ResolverMatch | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match if match.kwargs.keys() == _ARTICLE else None


def _answer(request: HttpRequest, new: str, behind: str, query: str) -> HttpResponse:
    if not new:
        return errors.plain_page(410, _("This page has been removed."), _("It’s no longer available on this site."))
    address = iri_to_uri(f"{new}{behind}" + (f"?{query}" if query and "?" not in new else ""))
    response = (_PermanentRedirectKeepingMethod if request.method == "POST" else HttpResponsePermanentRedirect)(address)
    response["Cache-Control"] = cache_control()  # the page may move again
    return response
