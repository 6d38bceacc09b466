"""Benchmark of the import and export of a large WordPress site.

Usage: python -m bench wordpress_import [POSTS [COMMENTS]]

Writes an export of 20,000 posts and 500,000 comments (or the given numbers) to a temporary file, and imports it twice
into a temporary PostgreSQL. The second import finds nothing new. Then runs the exporter. Prints seconds, the rate, and
the peak memory of this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import io
from pathlib import Path
import random
import tempfile
import time

from django.core.management import call_command

from newsite.importers.progress import Progress
from newsite.importers.report import Report
from newsite.importers.wordpress.importer import Options, import_wordpress
from tests.support.wxr_builder import HEAD, author, category, comment, post

AUTHORS, SECTIONS, TAGS, READERS = 40, 12, 800, 30_000
BEGAN = datetime(2009, 1, 1, 6, tzinfo=UTC)
WORDS = [
    "harbour",
    "council",
    "the",
    "a",
    "of",
    "mayor",
    "bridge",
    "said",
    "on",
    "Monday",
    "that",
    "night",
    "was",
    "to",
]


def main(posts: str = "20_000", comments: str = "500_000") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        started = time.perf_counter()
        with path.open("w") as file:
            file.writelines(export(int(posts), int(comments)))
        print(
            f"export of {path.stat().st_size / 1e6:,.0f} MB written in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        print(f"memory before: {memory():,.0f} MB", flush=True)
        for which in ("first", "second"):
            run(path, which, int(posts) + int(comments))
        leave(Path(folder) / "out")


def run(path: Path, which: str, records: int) -> None:
    lines: list[str] = []
    report = Report(lines.append)
    started, used = time.perf_counter(), time.process_time()
    import_wordpress([path], Options(), report, Progress(io.StringIO(), [path]))
    seconds = time.perf_counter() - started
    rate = records / seconds
    used = time.process_time() - used
    print(f"{which} time: {seconds:,.0f} s ({used:,.0f} s of it this process computed), ", end="")
    print(f"{rate:,.0f} posts and comments a second, {memory():,.0f} MB at most")
    print("  " + "; ".join(report.summary()), f"({len(lines)} lines)", flush=True)


def leave(folder: Path) -> None:
    started = time.perf_counter()
    call_command("export_site", folder, stdout=io.StringIO())
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    print(f"out again: {size:,.0f} MB in {time.perf_counter() - started:,.0f} s, {memory():,.0f} MB at most")


def memory() -> float:
    """Return the peak memory of this process in MB."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def export(posts: int, comments: int) -> Iterator[str]:
    """Yield the export. Half of the comments reply to an earlier one of their post; one in fifty is in the trash."""
    chance = random.Random(1)
    yield HEAD.format(version="1.2")
    for number in range(AUTHORS):
        yield author(f"author{number}", f"Author {number}")
    for number in range(SECTIONS):
        yield category(f"section-{number}", f"Section {number}", id=number + 1)
    id = 1_000  # lower ids belong to the demo
    for number in range(1, posts + 1):
        at = BEGAN + timedelta(hours=6 * number)
        below: list[str] = []
        first = id + 1
        for _ in range((comments * number) // posts - (comments * (number - 1)) // posts):
            id += 1
            parent = chance.randint(first, id - 1) if id > first and chance.random() < 0.5 else 0
            below.append(said(chance, id, parent, at + timedelta(minutes=7 * (id - first))))
        yield written(chance, number, at, below)
    yield "</channel></rss>"


def written(chance: random.Random, number: int, at: datetime, below: list[str]) -> str:
    paragraphs = "\n\n".join(words(chance, 60) for _ in range(8))
    section, tags = chance.randrange(SECTIONS), chance.sample(range(TAGS), 3)
    return post(
        number,
        *below,
        title=words(chance, 7),
        content=f"{paragraphs}\n\n<blockquote>{words(chance, 20)}</blockquote>\n<ul><li>One</li><li>Two</li></ul>",
        excerpt=words(chance, 20),
        date=f"{at:%Y-%m-%d %H:%M:%S}",
        creator=f"author{chance.randrange(AUTHORS)}",
        terms=(
            ("category", f"section-{section}", f"Section {section}"),
            *(("post_tag", f"tag-{tag}", f"Tag {tag}") for tag in tags),
        ),
    )


def said(chance: random.Random, id: int, parent: int, at: datetime) -> str:
    reader = chance.randrange(READERS)
    return comment(
        id,
        words(chance, int(chance.lognormvariate(3.3, 0.8)) + 3),
        parent=parent,
        date=f"{at:%Y-%m-%d %H:%M:%S}",
        comment_author=f"Reader {reader}",
        comment_author_email=f"reader{reader}@example.org",
        comment_author_IP=f"198.51.{reader % 100}.7",
        comment_approved="1" if chance.random() < 0.98 else "trash",
    )


def words(chance: random.Random, number: int) -> str:
    return " ".join(chance.choices(WORDS, k=number)) + "."
