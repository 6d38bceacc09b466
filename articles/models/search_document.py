"""What the search knows of an article: derived from it, and written anew when it has moved."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
import operator
import time
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import connection, models

from articles.content.sanitizer import plain_text
from articles.search.tokenizer import tokenize

if TYPE_CHECKING:
    from articles.models.article import Article, ArticleQuerySet

# PostgreSQL's own configurations by the language of an article; for others words are what they are.
TEXT_SEARCH_CONFIGS = dict(
    each.split("=")
    for each in [
        "ar=arabic",
        "ca=catalan",
        "da=danish",
        "de=german",
        "el=greek",
        "en=english",
        "es=spanish",
        "eu=basque",
        "fi=finnish",
        "fr=french",
        "ga=irish",
        "hi=hindi",
        "hu=hungarian",
        "hy=armenian",
        "id=indonesian",
        "it=italian",
        "lt=lithuanian",
        "nb=norwegian",
        "ne=nepali",
        "nl=dutch",
        "nn=norwegian",
        "pt=portuguese",
        "ro=romanian",
        "ru=russian",
        "sr=serbian",
        "sv=swedish",
        "ta=tamil",
        "tr=turkish",
    ]
)
SIMPLE_CONFIG = "simple"  # words as they are, and all of them
MAX_INDEXED_BODY_LENGTH = 200_000  # characters
MAX_LINE_BYTES = 500_000  # bytes of it, folded: a tsvector holds a megabyte, and where each word stands takes room, too
MAX_WORD_LENGTH = 200  # of what is longer, the beginning counts
BATCH_SIZE = 200


class SearchDocument(models.Model):
    """One row an article, of the `version` that it was made of.

    Saving an article writes it. Whatever moves articles otherwise (an import, a new name of an author) leaves it
    behind, and the worker catches up. `vector` is for PostgreSQL, `words` for a database that has no full text: all
    words in one line, with a blank before each.
    """

    article = models.OneToOneField(
        "articles.Article", primary_key=True, on_delete=models.CASCADE, related_name="search_document"
    )
    version = models.PositiveBigIntegerField()
    config = models.CharField(max_length=16, db_index=True)
    words = models.TextField(blank=True)
    vector = SearchVectorField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.article_id)

    @staticmethod
    def write(articles: Iterable[Article]) -> None:
        """Each with the version that it was read with: if it has moved since, the worker will know."""
        make = _vector if connection.vendor == "postgresql" else _words
        SearchDocument.objects.bulk_create(
            [
                SearchDocument(
                    article=article, version=article.version, config=search_config(article.language), **make(article)
                )
                for article in articles
            ],
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=["version", "config", "words", "vector"],
            batch_size=BATCH_SIZE,
        )

    @staticmethod
    def catch_up(articles: ArticleQuerySet, *, seconds: float) -> int:
        """Writes what has moved of these articles, until it is done or for so long; returns how many."""
        behind = articles.exclude(search_document__version=models.F("version")).prefetch_related("authors", "tags")
        until, written = time.monotonic() + seconds, 0
        while time.monotonic() < until and (some := list(behind[:BATCH_SIZE])):
            SearchDocument.write(some)
            written += len(some)
        return written


def search_config(language: str) -> str:
    return TEXT_SEARCH_CONFIGS.get(language.partition("-")[0], SIMPLE_CONFIG)


def _vector(article: Article) -> dict[str, Any]:
    """Headline and standfirst a second time, word for word: a language leaves out such as "The Who". They come first,
    since behind a long body places are not counted any more.
    """
    config, parts = search_config(article.language), _parts(article)
    plain = [] if config == SIMPLE_CONFIG else [(SIMPLE_CONFIG, *part) for part in parts[:-1]]
    vectors = [
        SearchVector(models.Value(words), config=config, weight=weight)
        for config, weight, words in [*plain, *((config, *part) for part in parts)]
    ]
    return {"vector": reduce(operator.add, vectors)}


def _words(article: Article) -> dict[str, Any]:
    return {"words": "".join(f" {words}" for _weight, words in _parts(article))}


def _parts(article: Article) -> list[tuple[str, str]]:
    names = [str(each) for each in (*article.authors.all(), *article.tags.all())] if article.pk else []
    return [
        ("A", _tokens_in_one_line(article.headline)),
        ("B", _tokens_in_one_line(" . ".join([article.standfirst, *names]))),
        ("D", _tokens_in_one_line(plain_text(article.body)[:MAX_INDEXED_BODY_LENGTH])),
    ]


def _tokens_in_one_line(text: str) -> str:
    line = " ".join(word.normalized[:MAX_WORD_LENGTH] for word in tokenize(text))
    return line.encode()[:MAX_LINE_BYTES].decode(errors="ignore")
