"""Search in public articles: what is asked, what is found, and where it says so.

All words have to be there; words in quotation marks one behind the other; a word after a minus must not. Nothing else
is an operator. PostgreSQL knows the forms of words in the article's language and what fits best; SQLite looks for
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

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import OperationalError, connection, transaction
from django.db.models import Case, Count, F, FloatField, Q, Value, When, Window

from articles.models import Article
from articles.models.article import ArticleQuerySet
from articles.words import words_of

LONGEST = 200  # characters of a question
MOST_TERMS = 20
CANDIDATES = 1_000  # the newest that match, of which the best come first
READ_BY_SQLITE = 20_000  # articles, the newest
SECONDS = 2  # then PostgreSQL gives up
A_PAGE = 20

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_CONFIGS_IN_USE = """
WITH RECURSIVE used(config) AS (
    SELECT min(config) FROM articles_searchentry
    UNION ALL
    SELECT (SELECT min(config) FROM articles_searchentry WHERE config > used.config) FROM used WHERE config IS NOT NULL
)
SELECT config FROM used WHERE config IS NOT NULL
"""


class TookTooLong(Exception):
    """The database gave up."""


@dataclass(frozen=True)
class Term:
    """Words that stand one behind the other; mostly one."""

    words: tuple[str, ...]
    is_excluded: bool = False


@dataclass(frozen=True)
class Found:
    """Of one page: ids, versions and ends, the best first. `total` is at most CANDIDATES."""

    articles: tuple[tuple[int, int, datetime | None], ...]
    total: int


def terms_of(question: str) -> tuple[Term, ...]:
    """Empty if nothing can be looked for: no word, or only such as must not be there."""
    terms = []
    for minus, phrase, word in _TERM.findall(question):
        if words := tuple(each.folded for each in words_of(phrase or word)):
            terms.append(Term(words, is_excluded=bool(minus)))
    unique = tuple(dict.fromkeys(terms))[:MOST_TERMS]
    return unique if any(not term.is_excluded for term in unique) else ()


def find(terms: tuple[Term, ...], *, page: int = 1) -> Found:
    """A page of what is public and matches. Raises TookTooLong."""
    with _bounded():
        articles = _ranked(terms) if connection.vendor == "postgresql" else _newest(terms)
        rows = articles.annotate(total=Window(Count("pk"))).values_list("pk", "version", "unpublish_at", "total")
        found = list(rows[(page - 1) * A_PAGE : page * A_PAGE])
    return Found(tuple(row[:3] for row in found), found[0][3] if found else 0)


def _ranked(terms: tuple[Term, ...]) -> ArticleQuerySet:
    configs = _configs_in_use()
    if not configs:
        return Article.objects.none()
    matching = [Q(search_entry__config=config, search_entry__vector=_conjunction(terms, config)) for config in configs]
    wanted = tuple(term for term in terms if not term.is_excluded)
    ranks = [
        When(
            search_entry__config=config,
            then=SearchRank(F("search_entry__vector"), _conjunction(wanted, config), normalization=1),
        )
        for config in configs
    ]
    newest = Article.objects.published().filter(reduce(operator.or_, matching)).newest()[:CANDIDATES]
    rank = Case(*ranks, default=Value(0.0), output_field=FloatField())
    return Article.objects.filter(pk__in=newest.values("pk")).order_by(rank.desc(), "-published_at", "-pk")


def _conjunction(terms: Iterable[Term], config: str) -> SearchQuery:
    queries = [SearchQuery(" ".join(term.words), config=config, search_type="phrase") for term in terms]
    return reduce(
        operator.and_, (~query if term.is_excluded else query for term, query in zip(terms, queries, strict=True))
    )


def _configs_in_use() -> list[str]:
    """One look into an index for each."""
    with connection.cursor() as cursor:
        cursor.execute(_CONFIGS_IN_USE)
        return [config for (config,) in cursor.fetchall()]


def _newest(terms: tuple[Term, ...]) -> ArticleQuerySet:
    recent = Article.objects.published().newest()[:READ_BY_SQLITE]
    found = Article.objects.filter(pk__in=recent.values("pk"))
    for term in terms:
        has = Q(search_entry__words__contains=f" {' '.join(term.words)}")
        found = found.filter(~has if term.is_excluded else has)
    return Article.objects.filter(pk__in=found.newest()[:CANDIDATES].values("pk")).newest()


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """PostgreSQL gives up after some seconds. SQLite, which locks itself for a transaction, reads a bounded number."""
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}")
            yield
    except OperationalError as error:
        if "statement timeout" in str(error):
            raise TookTooLong from error
        raise


def hits_among(words: set[str], terms: Iterable[Term], config: str) -> set[str]:
    """Which of these folded words are forms of a word that was asked for."""
    asked = sorted({word for term in terms if not term.is_excluded for word in term.words})
    if connection.vendor != "postgresql":
        return {word for word in words if word.startswith(tuple(asked))}
    queries = " || ".join(["plainto_tsquery(%s::regconfig, %s)"] * len(asked))
    sql = f"SELECT word FROM unnest(%s::text[]) AS word WHERE to_tsvector(%s::regconfig, word) @@ ({queries})"  # noqa: S608
    values = [value for word in asked for value in (config, word)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [sorted(words), config, *values])
        return {word for (word,) in cursor.fetchall()}
