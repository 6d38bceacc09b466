"""Search in public articles: what is asked, what is found, and where it says so.

All words have to be there; words in quotation marks one behind the other; a word after a minus must not. Nothing else
is an operator. PostgreSQL knows the forms of words in the article's language and what fits best, and leaves out words
like "the" unless nothing else is asked for: then it looks for just these in headline and standfirst. SQLite looks for
words that begin so, the newest first.
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

MAX_QUERY_LENGTH = 200  # characters of a question
MAX_TERMS = 20
MAX_CANDIDATES = 1_000  # the newest that match, of which the best come first
SQLITE_MAX_ARTICLES = 20_000  # articles, the newest
QUERY_TIMEOUT_SECONDS = 2  # then PostgreSQL gives up
MAX_CONCURRENT_SEARCHES = 2  # in a process: its other threads are there for who reads
SLOT_TIMEOUT_SECONDS = 0.05  # seconds that one more waits for its turn
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
    """The database gave up."""


class TooManySearches(Exception):
    """Others are searching."""


@dataclass(frozen=True)
class Term:
    """Words that stand one behind the other; mostly one."""

    words: tuple[str, ...]
    is_excluded: bool = False


@dataclass(frozen=True)
class SearchResultPage:
    """Of one page: ids, versions and ends, the best first. `total` is at most CANDIDATES."""

    articles: tuple[tuple[int, int, datetime | None], ...]
    total: int


def parse_terms(question: str) -> tuple[Term, ...]:
    """Empty if nothing can be looked for: no word, or only such as must not be there."""
    terms = []
    for minus, phrase, word in _TERM.findall(question):
        if words := tuple(each.normalized for each in tokenize(phrase or word)):
            terms.append(Term(words, is_excluded=bool(minus)))
    unique = tuple(dict.fromkeys(terms))[:MAX_TERMS]
    return unique if any(not term.is_excluded for term in unique) else ()


def _database() -> BaseDatabaseWrapper:
    """Where articles are read from just now."""
    return connections[router.db_for_read(Article)]


def search_articles(terms: tuple[Term, ...], *, page: int = 1) -> SearchResultPage:
    """A page of what is public and matches. Raises TookTooLong, TooManyAtOnce."""
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
    """Of each configuration in use, the terms of which it leaves out every word. One look into an index for each."""
    with _database().cursor() as cursor:
        cursor.execute(_STOP_WORDS_SQL, [[" ".join(term.words) for term in terms]])
        return {config: {terms[number - 1] for number in numbers or ()} for config, numbers in cursor.fetchall()}


def _with_configs(terms: tuple[Term, ...], config: str, left_out: set[Term]) -> list[tuple[Term, str]]:
    """Each with the configuration that reads it. What is left out does not count beside a word that is there."""
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
    """A few searches that each take seconds would else have every thread, and nobody a page."""
    if not _search_slots.acquire(timeout=SLOT_TIMEOUT_SECONDS):
        raise TooManySearches
    try:
        yield
    finally:
        _search_slots.release()


@contextlib.contextmanager
def _statement_timeout() -> Iterator[None]:
    """PostgreSQL gives up after some seconds. SQLite, which locks itself for a transaction, reads a bounded number."""
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
    """Which of these folded words are forms of a word that was asked for."""
    asked = sorted({word for term in terms if not term.is_excluded for word in term.words})
    if _database().vendor != "postgresql":
        return {word for word in words if word.startswith(tuple(asked))}
    queries = " || ".join(["plainto_tsquery(%s::regconfig, %s)"] * len(asked))
    sql = (
        f"SELECT word FROM unnest(%s::text[]) AS word, (SELECT {queries} AS query) AS asked "  # noqa: S608 (a place for each word)
        "WHERE to_tsvector(%s::regconfig, word) @@ query OR (numnode(query) = 0 AND word = ANY(%s::text[]))"
    )
    values = [value for word in asked for value in (config, word)]
    with _database().cursor() as cursor:
        cursor.execute(sql, [sorted(words), *values, config, asked])
        return {word for (word,) in cursor.fetchall()}
