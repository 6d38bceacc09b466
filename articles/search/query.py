"""Full-text search in public articles.

A result contains all words of the query. Quotation marks make a phrase, a minus excludes a word. There are no other
operators. PostgreSQL stems words in the article's language, ranks the results, and ignores stop words such as "the". If
a query has only stop words, they are searched in headline and standfirst. SQLite matches prefixes of words and sorts by
date, newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import contextlib
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
import operator
import re
import threading

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import OperationalError, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Count, F, FloatField, Q, Value, When, Window

from articles.models import Article
from articles.models.article import ArticleQuerySet
from articles.models.search_document import SIMPLE_CONFIG
from articles.search.tokenizer import tokenize

MAX_QUERY_LENGTH = 200  # characters
MAX_TERMS = 20
MAX_CANDIDATES = 1_000  # the newest matches, which are then ranked
SQLITE_MAX_ARTICLES = 20_000  # the newest articles
QUERY_TIMEOUT_SECONDS = 2  # then PostgreSQL cancels the query
MAX_CONCURRENT_SEARCHES = 2  # per process; its other threads remain free for pages
SLOT_TIMEOUT_SECONDS = 0.05  # maximum wait for a slot
PAGE_SIZE = 20

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_STOP_WORDS_SQL = """
WITH RECURSIVE used(config) AS (
    SELECT min(config) FROM articles_searchdocument
    UNION ALL
    SELECT (SELECT min(config) FROM articles_searchdocument WHERE config > used.config)
    FROM used WHERE config IS NOT NULL
)
SELECT config, array_agg(number) FILTER (WHERE numnode(phraseto_tsquery(config::regconfig, words)) = 0)
FROM used, unnest(%s::text[]) WITH ORDINALITY AS term(words, number) WHERE config IS NOT NULL GROUP BY config
"""


_search_slots = threading.BoundedSemaphore(MAX_CONCURRENT_SEARCHES)


class SearchTimeout(Exception):
    """Database cancelled the search after QUERY_TIMEOUT_SECONDS."""


class TooManySearches(Exception):
    """All search slots of this process are in use."""


@dataclass(frozen=True)
class Term:
    """Phrase of a query, usually one word."""

    words: tuple[str, ...]
    is_excluded: bool = False


@dataclass(frozen=True)
class SearchResultPage:
    """Results, best first: id, version and `unpublish_at` of each article. `total` is at most MAX_CANDIDATES."""

    articles: tuple[tuple[int, int, datetime | None], ...]
    total: int


def parse_terms(question: str) -> tuple[Term, ...]:
    """Return the terms of a query. Return an empty tuple if it has no word, or only excluded words."""
    terms = []
    for minus, phrase, word in _TERM.findall(question):
        if words := tuple(each.normalized for each in tokenize(phrase or word)):
            terms.append(Term(words, is_excluded=bool(minus)))
    unique = tuple(dict.fromkeys(terms))[:MAX_TERMS]
    return unique if any(not term.is_excluded for term in unique) else ()


def _database() -> BaseDatabaseWrapper:
    """Return the connection that currently reads articles."""
    return connections[router.db_for_read(Article)]


def search_articles(terms: tuple[Term, ...], *, page: int = 1) -> SearchResultPage:
    """Return a page of matching public articles. Raise SearchTimeout or TooManySearches."""
    with _search_slot(), _statement_timeout():
        articles = _ranked(terms) if _database().vendor == "postgresql" else _newest(terms)
        rows = articles.annotate(total=Window(Count("pk"))).values_list("pk", "version", "unpublish_at", "total")
        found = list(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    return SearchResultPage(tuple(row[:3] for row in found), found[0][3] if found else 0)


def _ranked(terms: tuple[Term, ...]) -> ArticleQuerySet:
    asked = [(config, _with_configs(terms, config, left_out)) for config, left_out in _stop_words(terms).items()]
    if not asked:
        return Article.objects.none()
    matching = [
        Q(search_document__config=config, search_document__vector=_conjunction(pairs)) for config, pairs in asked
    ]
    ranks = [
        When(
            search_document__config=config,
            then=SearchRank(
                F("search_document__vector"),
                _conjunction([(term, by) for term, by in pairs if not term.is_excluded]),
                normalization=1,
            ),
        )
        for config, pairs in asked
    ]
    newest = Article.objects.published().filter(reduce(operator.or_, matching)).newest_first()[:MAX_CANDIDATES]
    rank = Case(*ranks, default=Value(0.0), output_field=FloatField())
    return Article.objects.filter(pk__in=newest.values("pk")).order_by(rank.desc(), "-published_at", "-pk")


def _stop_words(terms: tuple[Term, ...]) -> dict[str, set[Term]]:
    """Return the terms that have only stop words, by text search configuration in use.

    The query makes one index lookup for each configuration.
    """
    with _database().cursor() as cursor:
        cursor.execute(_STOP_WORDS_SQL, [[" ".join(term.words) for term in terms]])
        return {config: {terms[number - 1] for number in numbers or ()} for config, numbers in cursor.fetchall()}


def _with_configs(terms: tuple[Term, ...], config: str, left_out: set[Term]) -> list[tuple[Term, str]]:
    """Return each term with its text search configuration. Omit stop words if the query has other words."""
    if all(term.is_excluded or term in left_out for term in terms):
        return [(term, SIMPLE_CONFIG if term in left_out else config) for term in terms]
    return [(term, config) for term in terms if term not in left_out]


def _conjunction(asked: Iterable[tuple[Term, str]]) -> SearchQuery:
    queries = [(term, SearchQuery(" ".join(term.words), config=config, search_type="phrase")) for term, config in asked]
    return reduce(operator.and_, (~query if term.is_excluded else query for term, query in queries))


def _newest(terms: tuple[Term, ...]) -> ArticleQuerySet:
    recent = Article.objects.published().newest_first()[:SQLITE_MAX_ARTICLES]
    found = Article.objects.filter(pk__in=recent.values("pk"))
    for term in terms:
        has = Q(search_document__words__contains=f" {' '.join(term.words)}")
        found = found.filter(~has if term.is_excluded else has)
    return Article.objects.filter(pk__in=found.newest_first()[:MAX_CANDIDATES].values("pk")).newest_first()


@contextlib.contextmanager
def _search_slot() -> Iterator[None]:
    """Limit concurrent searches, so that slow searches cannot occupy all threads of a process."""
    if not _search_slots.acquire(timeout=SLOT_TIMEOUT_SECONDS):
        raise TooManySearches
    try:
        yield
    finally:
        _search_slots.release()


@contextlib.contextmanager
def _statement_timeout() -> Iterator[None]:
    """Set a statement timeout in PostgreSQL. Queries of SQLite read a bounded number of rows instead.

    A transaction would lock an SQLite database.
    """
    if _database().vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic(using=_database().alias):
            with _database().cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(QUERY_TIMEOUT_SECONDS * 1000)}")
            yield
    except OperationalError as error:
        if "statement timeout" in str(error):
            raise SearchTimeout from error
        raise


def matching_words(words: set[str], terms: Iterable[Term], config: str) -> set[str]:
    """Return the normalized words that match a word of the query."""
    asked = sorted({word for term in terms if not term.is_excluded for word in term.words})
    if _database().vendor != "postgresql":
        return {word for word in words if word.startswith(tuple(asked))}
    queries = " || ".join(["plainto_tsquery(%s::regconfig, %s)"] * len(asked))
    sql = (
        f"SELECT word FROM unnest(%s::text[]) AS word, (SELECT {queries} AS query) AS asked "  # noqa: S608 (only placeholders)
        "WHERE to_tsvector(%s::regconfig, word) @@ query OR (numnode(query) = 0 AND word = ANY(%s::text[]))"
    )
    values = [value for word in asked for value in (config, word)]
    with _database().cursor() as cursor:
        cursor.execute(sql, [sorted(words), *values, config, asked])
        return {word for (word,) in cursor.fetchall()}
