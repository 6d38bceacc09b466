"""The search, and the pages that list articles, with 100,000 of them: python -m bench.search

On a PostgreSQL of its own. Prints how long the entries of the search took to write, then for each page milliseconds
(median of 15, in this process, with every part kept that is kept), queries, and rows that PostgreSQL read.
"""

from __future__ import annotations

from datetime import timedelta
import random
import statistics
import time
from typing import Any

from bench.site import site

ARTICLES = 100_000
WORDS = 250  # of a body
VOCABULARY = 30_000
ROWS_READ = "SELECT sum(seq_tup_read) + sum(idx_tup_fetch) FROM pg_stat_xact_user_tables"


def main() -> None:
    with site():
        fill()
        measure_all()


def fill() -> None:
    from django.db import connection  # noqa: PLC0415 (after setup)
    from django.utils import timezone  # noqa: PLC0415

    from articles.models import Article, Author, Byline, SearchEntry, Section, Tag  # noqa: PLC0415

    chance = random.Random(5)  # noqa: S311
    vocabulary = ["".join(chance.choices("abcdeilmnorstu", k=chance.randint(4, 9))) for _ in range(VOCABULARY)]
    weights = [1 / (rank + 1) for rank in range(VOCABULARY)]  # as words are: a few everywhere, most hardly anywhere
    sections, now = list(Section.objects.all()), timezone.now()
    author, tag = Author.objects.first(), Tag.objects.first()
    for first in range(0, ARTICLES, 2_000):
        some = []
        for number in range(first, first + 2_000):
            words = chance.choices(vocabulary, weights, k=WORDS)
            at = now - timedelta(minutes=30 * number + 5)
            rare = " kittiwake" if number % 10_000 == 77 else ""
            some.append(
                Article(
                    headline=" ".join(words[:8]),
                    standfirst=" ".join(words[8:24]),
                    body=f"<p>{' '.join(words)} and everywhere{rare}</p>",
                    section=sections[number % len(sections)],
                    slug=f"number-{number}",
                    published_at=at,
                    first_published_at=at,
                    day=timezone.localdate(at),
                )
            )
        made = Article.objects.bulk_create(some)
        Byline.objects.bulk_create(Byline(article=each, author=author) for each in made[::10])
        Article.tags.through.objects.bulk_create(Article.tags.through(article=each, tag=tag) for each in made[::10])
    started = time.perf_counter()
    written = SearchEntry.catch_up(Article.objects.all(), seconds=3_600)
    seconds = time.perf_counter() - started
    print(f"{written:,} entries written in {seconds:.0f} s, {written / seconds:.0f} a second", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        for name in ("articles_searchentry", "article_words"):
            cursor.execute("SELECT pg_size_pretty(pg_total_relation_size(%s::regclass))", [name])
            print(name, cursor.fetchone()[0])


def measure_all() -> None:
    from articles.models import Article, Author, Tag  # noqa: PLC0415 (after setup)

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
        "a file of the sitemap": "/sitemap/article-3.xml",
        "news sitemap": "/news-sitemap.xml",
    }
    print(f"{'':38}{'ms':>8}{'queries':>9}{'rows':>9}")
    for title, address in pages.items():
        report(title, address)


def _words_of(model: Any) -> list[str]:
    return str(model.objects.get(slug="number-700").headline).split()[:4]


def _middle() -> str:
    from articles.models import Article  # noqa: PLC0415 (after setup)
    from comments.threads import Cursor  # noqa: PLC0415

    article = Article.objects.get(slug="number-50000")
    return str(Cursor.at_time(article.published_at, article.pk))


def report(title: str, address: str) -> None:
    from django.db import connection, transaction  # noqa: PLC0415 (after setup)
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

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
    """In this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_READ)
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
