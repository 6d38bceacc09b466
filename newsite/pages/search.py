"""Search page, the same for all readers with the same query, and never cached."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from articles.content.sanitizer import plain_text
from articles.models import Article
from articles.models.search_document import search_config
from articles.params import parse_id
from articles.search.excerpts import excerpt, highlight
from articles.search.query import (
    MAX_CANDIDATES,
    MAX_QUERY_LENGTH,
    PAGE_SIZE,
    SearchResultPage,
    SearchTimeout,
    Term,
    TooManySearches,
    matching_words,
    parse_terms,
    search_articles,
)
from articles.search.tokenizer import tokenize
from articles.text import strip_control_chars
from newsite.http.decorators import public_view
from newsite.http.page_cache import conditional_page
from newsite.pages.listing import ArticleListing, ListedArticle, listing_context
from newsite.pages.service_unavailable import RETRY_AFTER_SECONDS
from newsite.pages.site_context import SiteContext, current_site_context

MAX_EXCERPT_SOURCE_LENGTH = 20_000  # characters
MAX_SHOWN_QUERY_LENGTH = 10 * MAX_QUERY_LENGTH  # the reader can shorten a query that is too long


@public_view
def search_page(request: HttpRequest) -> HttpResponse:
    """Serve the search page without caching it, because there are more queries than pages.

    An empty query searches nothing.
    """
    question, page = strip_control_chars(request.GET.get("q", "")).strip(), parse_id(request.GET.get("page", "1"))
    if not 1 <= page <= MAX_CANDIDATES // PAGE_SIZE:
        raise Http404
    site = current_site_context()
    if not question:
        return conditional_page(request, ("search", site.version), lambda: _html(site, ""))
    if len(question) > MAX_QUERY_LENGTH:
        fault = _("Please keep your search to %(longest)s characters.") % {"longest": MAX_QUERY_LENGTH}
        return _error_page(site, question, fault, status=422)
    if not (terms := parse_terms(question)):
        return _error_page(site, question, _("Please enter at least one word."), status=422)
    try:
        found = search_articles(terms, page=page)
    except SearchTimeout:
        fault = _("That search took too long. Try more words, or less common ones.")
        return _error_page(site, question, fault, status=422)  # not 503, for which nginx would show its outage page
    except TooManySearches:
        response = _error_page(site, question, _("Search is busy right now. Please try again in a moment."), status=429)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    if page > 1 and not found.articles:
        raise Http404
    listed = tuple(ListedArticle(pk, version, 0, ends) for pk, version, ends in found.articles)
    listing = ArticleListing(site.version, listed, next_scheduled_change=Article.objects.next_scheduled_change())
    return conditional_page(
        request,
        ("search", question, page, found.total, listing),
        lambda: _html(site, question, page=page, **_results(listing, terms, found, page)),
        expiry=listing.expiry,
    )


def _error_page(site: SiteContext, question: str, fault: str, *, status: int) -> HttpResponse:
    html = _html(site, question[:MAX_SHOWN_QUERY_LENGTH], fault=fault)
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def _html(site: SiteContext, question: str, **context: Any) -> str:
    return render_to_string("newsite/search_page.html", {"site": site, "question": question, **context})


def _results(listing: ArticleListing, terms: tuple[Term, ...], found: SearchResultPage, page: int) -> dict[str, Any]:
    articles = listing_context(listing)["articles"]
    _add_highlights(articles, terms)
    return {
        "articles": articles,
        "total": found.total,
        "is_cut": found.total >= MAX_CANDIDATES,
        "previous": page - 1,
        "next": page + 1 if found.total > page * PAGE_SIZE else None,
    }


def _add_highlights(articles: list[Article], terms: tuple[Term, ...]) -> None:
    """Set the headline and an excerpt as HTML on each article, with one query per language."""
    texts = {
        article: plain_text(article.body)[:MAX_EXCERPT_SOURCE_LENGTH] or article.standfirst for article in articles
    }
    configs = {search_config(article.language) for article in articles}
    words: dict[str, set[str]] = {config: set() for config in configs}
    for article, text in texts.items():
        words[search_config(article.language)].update(
            word.normalized for word in tokenize(f"{article.headline} {text}")
        )
    hits = {config: matching_words(words[config], terms, config) for config in configs}
    for article, text in texts.items():
        of_language = hits[search_config(article.language)]
        article.marked_headline = highlight(article.headline, of_language)  # type: ignore[attr-defined]  # used by the template
        article.excerpt = excerpt(text, of_language)  # type: ignore[attr-defined]  # used by the template
