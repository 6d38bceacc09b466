"""The search's page: the same for everyone who asks the same, and made each time."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from articles.content.sanitizer import plain_text
from articles.models import Article
from articles.models.search_document import config_of
from articles.params import as_id
from articles.search.excerpts import excerpt, marked
from articles.search.query import (
    A_PAGE,
    CANDIDATES,
    LONGEST,
    Found,
    Term,
    TookTooLong,
    TooManyAtOnce,
    find,
    hits_among,
    terms_of,
)
from articles.search.tokenizer import words_of
from articles.text import without_controls
from newsite.db.outage import RETRY_AFTER
from newsite.http.decorators import for_reading
from newsite.http.page_cache import public_page
from newsite.pages.listing import Listed, Listing, newest_of
from newsite.pages.site_context import Frame, current_frame

READ_FOR_AN_EXCERPT = 20_000  # characters
SHOWN_OF_A_QUESTION = 10 * LONGEST  # what is too long comes back, to be shortened


@for_reading
def search_page(request: HttpRequest) -> HttpResponse:
    """Not stored: there are more questions than pages. Nothing is looked for without a word."""
    question, page = without_controls(request.GET.get("q", "")).strip(), as_id(request.GET.get("page", "1"))
    if not 1 <= page <= CANDIDATES // A_PAGE:
        raise Http404
    frame = current_frame()
    if not question:
        return public_page(request, ("search", frame.version), lambda: _html(frame, ""))
    if len(question) > LONGEST:
        fault = _("Please keep your search to %(longest)s characters.") % {"longest": LONGEST}
        return _faulty(frame, question, fault, status=422)
    if not (terms := terms_of(question)):
        return _faulty(frame, question, _("Please enter at least one word."), status=422)
    try:
        found = find(terms, page=page)
    except TookTooLong:
        fault = _("That search took too long. Try more words, or less common ones.")
        return _faulty(frame, question, fault, status=422)  # not 503, in whose place nginx would say that we are away
    except TooManyAtOnce:
        response = _faulty(frame, question, _("Search is busy right now. Please try again in a moment."), status=429)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
    if page > 1 and not found.articles:
        raise Http404
    listed = tuple(Listed(pk, version, 0, ends) for pk, version, ends in found.articles)
    listing = Listing(frame.version, listed, next_due=Article.objects.next_due())
    return public_page(
        request,
        ("search", question, page, found.total, listing),
        lambda: _html(frame, question, page=page, **_results(listing, terms, found, page)),
        due=listing.due,
    )


def _faulty(frame: Frame, question: str, fault: str, *, status: int) -> HttpResponse:
    html = _html(frame, question[:SHOWN_OF_A_QUESTION], fault=fault)
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def _html(frame: Frame, question: str, **context: Any) -> str:
    return render_to_string("newsite/search_page.html", {"frame": frame, "question": question, **context})


def _results(listing: Listing, terms: tuple[Term, ...], found: Found, page: int) -> dict[str, Any]:
    articles = newest_of(listing)["articles"]
    _mark(articles, terms)
    return {
        "articles": articles,
        "total": found.total,
        "is_cut": found.total >= CANDIDATES,
        "previous": page - 1,
        "next": page + 1 if found.total > page * A_PAGE else None,
    }


def _mark(articles: list[Article], terms: tuple[Term, ...]) -> None:
    """Gives each its headline and an excerpt as HTML. One query for each language."""
    texts = {article: plain_text(article.body)[:READ_FOR_AN_EXCERPT] or article.standfirst for article in articles}
    configs = {config_of(article.language) for article in articles}
    words: dict[str, set[str]] = {config: set() for config in configs}
    for article, text in texts.items():
        words[config_of(article.language)].update(word.folded for word in words_of(f"{article.headline} {text}"))
    hits = {config: hits_among(words[config], terms, config) for config in configs}
    for article, text in texts.items():
        of_language = hits[config_of(article.language)]
        article.marked_headline = marked(article.headline, of_language)  # type: ignore[attr-defined]  # for the template
        article.excerpt = excerpt(text, of_language)  # type: ignore[attr-defined]  # likewise
