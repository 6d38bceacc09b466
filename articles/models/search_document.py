"""Search index of articles, derived from the articles and rewritten when their version changes."""

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

# PostgreSQL's text search configurations by language of the article. Other languages use SIMPLE_CONFIG.
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
SIMPLE_CONFIG = "simple"  # no stemming, no stop words
MAX_INDEXED_BODY_LENGTH = 200_000  # characters
MAX_LINE_BYTES = 500_000  # normalized; a tsvector is limited to 1 MB, which includes the positions of words
MAX_WORD_LENGTH = 200  # characters; only the beginning of a longer word is indexed
BATCH_SIZE = 200


class SearchDocument(models.Model):
    """Search document of an article at one `version`.

    Saving an article writes it. Other changes of the version (an import, a renamed author) make it stale, and the
    worker updates it. `vector` is for PostgreSQL. `words` is for databases without full-text search: all words in one
    line, with a space before each.
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
        """Write the documents with the version that was read. If it has changed since, the worker updates them."""
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
        """Update stale documents of these articles for at most `seconds`. Return their number."""
        behind = articles.exclude(search_document__version=models.F("version")).prefetch_related("authors", "tags")
        until, written = time.monotonic() + seconds, 0
        while time.monotonic() < until and (some := list(behind[:BATCH_SIZE])):
            SearchDocument.write(some)
            written += len(some)
        return written


def search_config(language: str) -> str:
    return TEXT_SEARCH_CONFIGS.get(language.partition("-")[0], SIMPLE_CONFIG)


def _vector(article: Article) -> dict[str, Any]:
    """Return the vector of an article.

    It also has headline and standfirst without stemming, because a language configuration drops names such as "The
    Who". They come first, because tsvector positions have a maximum, which a long body exceeds.
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
