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
from articles.search.tokenizer import words_of

if TYPE_CHECKING:
    from articles.models.article import Article, ArticleQuerySet

# PostgreSQL's own configurations by the language of an article; for others words are what they are.
CONFIGS = dict(
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
PLAIN = "simple"  # words as they are, and all of them
READ_OF_A_BODY = 200_000  # characters
LONGEST_LINE = 500_000  # bytes of it, folded: a tsvector holds a megabyte, and where each word stands takes room, too
LONGEST_WORD = 200  # of what is longer, the beginning counts
AT_ONCE = 200


class SearchEntry(models.Model):
    """One row an article, of the `version` that it was made of.

    Saving an article writes it. Whatever moves articles otherwise (an import, a new name of an author) leaves it
    behind, and the worker catches up. `vector` is for PostgreSQL, `words` for a database that has no full text: all
    words in one line, with a blank before each.
    """

    article = models.OneToOneField(
        "articles.Article", primary_key=True, on_delete=models.CASCADE, related_name="search_entry"
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
        SearchEntry.objects.bulk_create(
            [
                SearchEntry(
                    article=article, version=article.version, config=config_of(article.language), **make(article)
                )
                for article in articles
            ],
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=["version", "config", "words", "vector"],
            batch_size=AT_ONCE,
        )

    @staticmethod
    def catch_up(articles: ArticleQuerySet, *, seconds: float) -> int:
        """Writes what has moved of these articles, until it is done or for so long; returns how many."""
        behind = articles.exclude(search_entry__version=models.F("version")).prefetch_related("authors", "tags")
        until, written = time.monotonic() + seconds, 0
        while time.monotonic() < until and (some := list(behind[:AT_ONCE])):
            SearchEntry.write(some)
            written += len(some)
        return written


def config_of(language: str) -> str:
    return CONFIGS.get(language.partition("-")[0], PLAIN)


def _vector(article: Article) -> dict[str, Any]:
    """Headline and standfirst a second time, word for word: a language leaves out such as "The Who". They come first,
    since behind a long body places are not counted any more.
    """
    config, parts = config_of(article.language), _parts(article)
    plain = [] if config == PLAIN else [(PLAIN, *part) for part in parts[:-1]]
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
        ("A", _in_a_line(article.headline)),
        ("B", _in_a_line(" . ".join([article.standfirst, *names]))),
        ("D", _in_a_line(plain_text(article.body)[:READ_OF_A_BODY])),
    ]


def _in_a_line(text: str) -> str:
    line = " ".join(word.folded[:LONGEST_WORD] for word in words_of(text))
    return line.encode()[:LONGEST_LINE].decode(errors="ignore")
