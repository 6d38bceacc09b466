"""Benchmark of the search and of lists of articles, with 100,000 articles.

Usage: python -m bench search

Runs on a temporary PostgreSQL. Prints the time to write the search documents, then for each page milliseconds (median
of 15, in this process, with filled caches), queries, and rows that PostgreSQL read.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.cursor import PageCursor
from articles.models import Article, Author, SearchDocument, Tag

ARTICLES = 100_000
WORDS = 80  # per body
VOCABULARY = 30_000
FIRST = 1_000_000  # lowest id
BY_OURSELVES = 2_000  # search documents that the site writes, to measure the time; SQL writes the others

# Word frequencies are realistic: a few words are common, most are rare. No word needs normalization.
WRITE = [
    "CREATE TEMPORARY TABLE written AS SELECT n, (SELECT string_agg(left(translate(md5(pick::text), '0123456789',"
    " 'ghijklmnop'), 4 + pick % 6), ' ') FROM (SELECT floor(power({vocabulary}, random()))::int AS pick"
    " FROM generate_series(1, {words}) WHERE n > 0) AS picks) AS words FROM generate_series(1, {articles}) AS n",
    "INSERT INTO articles_article (id, headline, standfirst, body, section_id, description, language, slug, is_ready,"
    " published_at, first_published_at, day, version, changed_at)"
    " SELECT {first} + n, left(words, 50), substr(words, 52, 120), '<p>' || words || ' and everywhere' ||"
    " CASE WHEN n % 10000 = 77 THEN ' kittiwake' ELSE '' END || '</p>',"
    " (SELECT min(id) FROM articles_section) + n % 5, '', 'en', 'number-' || n, false, at, at, at::date, 1, at"
    " FROM (SELECT *, now() - (n * 30 + 5) * interval '1 minute' AS at FROM written) AS timed",
    'INSERT INTO articles_byline (article_id, author_id, "order")'
    " SELECT {first} + n, {author}, 0 FROM written WHERE n % 10 = 0",
    "INSERT INTO articles_article_tags (article_id, tag_id) SELECT {first} + n, {tag} FROM written WHERE n % 10 = 0",
]
INDEX = [
    "DROP INDEX article_words",
    "INSERT INTO articles_searchdocument (article_id, version, config, words, vector)"
    " SELECT id, version, 'english', '',"
    " setweight(to_tsvector('english', headline), 'A') || setweight(to_tsvector('english', standfirst), 'B') ||"
    " to_tsvector('english', body) FROM articles_article ON CONFLICT DO NOTHING",
    "CREATE INDEX article_words ON articles_searchdocument USING gin (vector)",
    "VACUUM ANALYZE",
]
ROWS_READ = "SELECT sum(seq_tup_read) + sum(idx_tup_fetch) FROM pg_stat_xact_user_tables"


def main() -> None:
    fill()
    measure_all()


def fill() -> None:
    values = {"articles": ARTICLES, "words": WORDS, "vocabulary": VOCABULARY, "first": FIRST}
    values |= {"author": Author.objects.first().pk, "tag": Tag.objects.first().pk}
    with connection.cursor() as cursor:
        for statement in WRITE:
            cursor.execute(statement.format(**values))
        some = Article.objects.filter(pk__gte=FIRST, pk__lt=FIRST + BY_OURSELVES)
        started = time.perf_counter()
        written = SearchDocument.catch_up(some, seconds=3_600)
        seconds = time.perf_counter() - started
        print(f"{written:,} entries written in {seconds:.1f} s, {written / seconds:.0f} a second", flush=True)
        for statement in INDEX:
            cursor.execute(statement)
        for name in ("articles_article", "articles_searchdocument", "article_words"):
            cursor.execute("SELECT pg_size_pretty(pg_total_relation_size(%s::regclass))", [name])
            print(name, cursor.fetchone()[0], flush=True)


def measure_all() -> None:
    word = Article.objects.get(slug="number-500").headline.split()[0]
    pages = {
        "a rare word (10)": "/search/?q=kittiwake",
        "a common word (all)": "/search/?q=everywhere",
        "a common word, page 50": "/search/?q=everywhere&page=50",
        "a common and a rare word": "/search/?q=everywhere+kittiwake",
        "a word of one headline": f"/search/?q={word}",
        "four words of one article": "/search/?q=" + "+".join(_words_of(Article)),
        "two words side by side": '/search/?q="and+everywhere"',
        "a common word without another": "/search/?q=everywhere+-kittiwake",
        "nothing found": "/search/?q=xylophone",
        "nothing found beside a common word": "/search/?q=everywhere+xylophone",
        "front page": "/",
        "section": "/section/town/",
        "author of 10,000": Author.objects.first().get_absolute_url(),
        "tag of 10,000": Tag.objects.first().get_absolute_url(),
        "tag of 10,000, in the middle": f"{Tag.objects.first().get_absolute_url()}?after={_middle()}",
        "an article": Article.objects.get(slug="number-500").get_absolute_url(),
        "feed": "/feed/",
        "sitemap": "/sitemap.xml",
        "a file of the sitemap": "/sitemap/article-103.xml",
        "news sitemap": "/news-sitemap.xml",
    }
    print(f"{'':38}{'ms':>8}{'queries':>9}{'rows':>9}")
    for title, address in pages.items():
        report(title, address)


def _words_of(model: Any) -> list[str]:
    return str(model.objects.get(slug="number-700").headline).split()[:4]


def _middle() -> str:
    article = Article.objects.get(slug="number-50000")
    return str(PageCursor(article.published_at, article.pk))


def report(title: str, address: str) -> None:
    client = Client(headers={"Host": "127.0.0.1"})
    times = []
    for _ in range(16):
        started = time.perf_counter()
        response = client.get(address)
        times.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status_code}")
    with transaction.atomic():
        before = rows_read(connection)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        rows = rows_read(connection) - before
    print(f"{title:38}{statistics.median(times[1:]):8.1f}{len(queries):9}{rows:9,}", flush=True)


def rows_read(connection: Any) -> int:
    """Return the number of rows read in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_READ)
        return int(cursor.fetchone()[0])
