"""Benchmark of the whole stack.

Usage: python -m bench.stack [SECONDS]

Starts nginx, gunicorn (2 workers), PostgreSQL and Redis as configured in deploy/, and, under the same gunicorn, an
empty Django view and a site with django-contrib-comments. Runs wrk with 16 connections on this machine, on each target
in turn for SECONDS (default 2), five times. Eight concurrent senders post comments. Prints medians, and writes all
rounds to bench/results/: requests per second, milliseconds (median, 99th percentile), processor time per request (user
and system time of the serving processes, without the database), and the ratio to the empty view or to the static file
in the same round. Needs Debian's wrk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
from pathlib import Path
import random
import re
import subprocess
import sys
import time

from bench.harness import HEAD, Measured, Target, by_senders, by_wrk, proportional, table
from tests.support.full_stack import Service, Stack, free_port, running_stack
from tests.support.http_client import ask, send
from tests.support.live_site import wait_for

EMPTY = """
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)
urlpatterns = [path("healthz", lambda request: HttpResponse("ok"))]
application = get_wsgi_application()
"""
ARTICLE = """
from tests.conftest import make_article, make_comment
paragraphs = ["The night boat, the quay and the price of herrings. " * 9] * 9
article = make_article(body="<p>" + "</p><p>".join(paragraphs) + "</p>")
openings = [make_comment(article, text=f"Opening number {n}, of ordinary length. " * 3) for n in range(20)]
for n in range(30):
    make_comment(article, parent=openings[n % 20], text=f"Reply number {n}, of ordinary length. " * 3)
print(article.get_absolute_url())
"""
LONG_THREAD = """
from django.db import connection
from bench.thread_growth import A_DEBATE, fill
from comments.models import Conversation
from tests.conftest import make_article
article = make_article()
fill(A_DEBATE, article.pk, 10_000_000, 100_000)
connection.cursor().execute("CHECKPOINT")  # else what was filled in is written to the disk meanwhile
Conversation.objects.create(article=article, public_count=100_000, published_count=100_000)
print(article.get_absolute_url())
"""
FIRST_PAGE_AGAIN = """
from datetime import timedelta
from django.utils import timezone
from comments.models import Comment
from comments.threads.pages import Sort, cursor_of
newest = Comment.objects.latest("created_at")
newest.created_at += timedelta(days=1)
print(cursor_of(newest, Sort.NEWEST))
"""
QUERIES = """
from django.conf import settings; from django.core.cache import caches; from django.db import connection
from django.test import Client; from django.test.utils import CaptureQueriesContext
settings.ALLOWED_HOSTS = ["*"]
if {is_empty}:
    for name in ("default", "pages"): caches[name].clear()
with CaptureQueriesContext(connection) as queries: Client().get({address!r})
print(len(queries))
"""


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with running_stack(form_rate="100000r/s") as stack, apart(stack) as (ours, cold, empty), rival(stack) as contrib:
        address = stack.python(ARTICLE)
        again = f"{address}?after={stack.python(FIRST_PAGE_AGAIN)}"
        print(HEAD)
        application(stack, [ours, cold, empty], contrib, [address, again], seconds)
        in_front(stack, address, seconds)
        post(stack, address, contrib, seconds)
        memory(stack)


def application(stack: Stack, served: list[Served], contrib: Served, addresses: list[str], seconds: int) -> None:
    """Measure the application without nginx. Ratios compare processor times."""
    (ours, cold, empty), (address, again) = served, addresses
    page, base = f"{ours.url}{address}", "empty view"
    etag = ask(ours.url, address).headers["ETag"]
    hit, warm = (count(stack, each, is_empty=False) for each in (address, again))

    def of(title: str, url: str, server: Served, queries: str, header: str = "") -> Target:
        return Target(title, by_wrk(url, server.pids, seconds, header=header), base, queries=queries)

    table(
        "pages",
        [
            Target(base, by_wrk(f"{empty.url}/healthz", empty.pids, seconds)),
            of("validated hit", page, ours, hit),
            of("validated hit, gzip", page, ours, hit, "Accept-Encoding: gzip"),
            of("304", page, ours, hit, f"If-None-Match: {etag}"),
            of("page with warm parts", f"{ours.url}{again}", ours, warm),
            of("page with every cache empty", f"{cold.url}{address}", cold, count(stack, address, is_empty=True)),
            of("a page of django-contrib-comments", f"{contrib.url}/1/", contrib, "3"),
        ],
    )


def in_front(stack: Stack, address: str, seconds: int) -> None:
    """Measure nginx: the cached page, and a static file with the same bytes. Ratios compare request rates."""
    file = Path(stack.environment["STATIC_ROOT"]) / "bench.html"
    forms = {"": file, "gzip": file.with_suffix(".html.gz"), "br": file.with_suffix(".html.br")}

    def of(title: str, path: str, encoding: str, base: str = "") -> Target:
        header = f"Accept-Encoding: {encoding}"
        measure = by_wrk(f"{stack.url}{path}", stack.nginx.all, seconds, header=header)
        return Target(f"{title} {encoding}", measure, base and f"{base} {encoding}", by_rate=True)

    try:
        for encoding, path in forms.items():
            path.write_bytes(ask(stack.url, address, headers={"Accept-Encoding": encoding}).body)
        static = "nginx, static file"
        table(
            "nginx",
            [
                target
                for encoding in forms
                for target in (
                    of(static, "/static/bench.html", encoding),
                    of("nginx, cached page", address, encoding, static),
                )
            ],
        )
    finally:
        for path in forms.values():
            path.unlink(missing_ok=True)


class Served:
    def __init__(self, url: str, part: Service) -> None:
        self.url, self.part = url, part

    def pids(self) -> list[int]:
        return self.part.children()


@contextlib.contextmanager
def apart(stack: Stack) -> Iterator[tuple[Served, Served, Served]]:
    """Start the site, the site without caches, and an empty view, each on its own port."""
    (stack.folder / "empty.py").write_text(EMPTY)
    with contextlib.ExitStack() as running:
        yield tuple(
            running.enter_context(
                serving(stack, name, "empty" if name == "empty" else "", {**stack.environment, **more})
            )
            for name, more in {
                "ours": {},
                "cold": {"CACHE_URL": "dummycache://"},
                "empty": {"PYTHONPATH": str(stack.folder)},
            }.items()
        )


@contextlib.contextmanager
def serving(stack: Stack, name: str, module: str, environment: dict[str, str]) -> Iterator[Served]:
    """Serve a module with the gunicorn configuration of deploy/ on its own port. An empty module is the site."""
    url = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    part = Service(name, [*command, *([module] if module else [])], stack.folder, {**environment, "BIND": url})
    part.start()
    try:
        wait_for(f"http://{url}/{'1/' if name == 'rival' else 'healthz'}")
        yield Served(f"http://{url}", part)
    finally:
        part.stop()


def post(stack: Stack, address: str, contrib: Served, seconds: int) -> None:
    """Measure posts by eight concurrent senders, each over a new connection.

    The ratio of the long thread is relative to the thread of fifty comments.
    """

    def pids() -> list[int]:
        return [*stack.nginx.all(), *stack.workers()]

    def ours(address: str, first: int) -> Callable[[], Measured]:
        return by_senders(poster_of_ours(stack, address, first=first), pids, seconds, answered=303)

    theirs, every = "post, django-contrib-comments", "post through nginx, every rule on"
    table(
        "posts",
        [
            Target(theirs, by_senders(poster_of(contrib), contrib.pids, seconds, answered=302)),
            Target(every, ours(address, 10), theirs, by_rate=True),
            Target("the same among 100,000 comments", ours(stack.python(LONG_THREAD), 20), every, by_rate=True),
        ],
    )


def poster_of_ours(stack: Stack, address: str, *, first: int) -> Callable[[int, int], int]:
    """Return a sender of comments to the site.

    Each comment has another IP address because of the rate limit, which contrib does not have. `first` is the number of
    the first sender. Different numbers prevent equal texts under different articles.
    """

    def send_ours(sender: int, number: int) -> int:
        sender += first
        who = f"127.{sender}.{number // 200 % 250}.{1 + number % 200}"
        text = words(sender, number)
        return send(stack.url, f"{address}comments/", comment=text, name=f"Ada {sender}", sender=who).status

    return send_ours


def poster_of(contrib: Served) -> Callable[[int, int], int]:
    """Return a sender of comments to contrib. It loads the form once."""
    page = ask(contrib.url, "/1/")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    cookie = {"Cookie": page.headers.get("Set-Cookie", "").partition(";")[0]}
    fields |= {"email": "ada@example.org", "honeypot": ""}

    def send_theirs(sender: int, number: int) -> int:
        text = words(sender, number)
        return send(contrib.url, "/comments/post/", headers=cookie, name=f"Ada {sender}", comment=text, **fields).status

    return send_theirs


def words(sender: int, number: int) -> str:
    """Return twenty words that no other call returns."""
    chance = random.Random(f"{sender} {number}")
    return " ".join("".join(chance.choices("abcdefghilmnoprstu", k=chance.randint(2, 9))) for _ in range(20)) + "."


@contextlib.contextmanager
def rival(stack: Stack) -> Iterator[Served]:
    """Serve django-contrib-comments with the same gunicorn, in a separate database on the same server."""
    stack.python("from django.db import connection; connection.cursor().execute('CREATE DATABASE rival')")
    environment = {
        **stack.environment,
        "DATABASE_URL": stack.database.url_of("rival"),
        "DJANGO_SETTINGS_MODULE": "bench.contrib.settings",
    }
    subprocess.run([sys.executable, "-W", "ignore", "-m", "django", "fill"], check=True, env=environment)
    with serving(stack, "rival", "bench.contrib.wsgi", environment) as served:
        yield served


def memory(stack: Stack) -> None:
    stack.worker.start()
    time.sleep(5)  # wait for the first round of background jobs of the worker, which uses more memory
    pids = {
        "2 workers and their master": [stack.site.pid, *stack.workers()],
        "the worker": [stack.worker.pid],
        "nginx": stack.nginx.all(),
    }
    sizes = {name: sum(proportional(pid) for pid in each) for name, each in pids.items()}
    listed = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
    print(f"PSS, MiB: {listed}; together {sum(sizes.values()):.0f}")


def count(stack: Stack, address: str, *, is_empty: bool) -> str:
    question = QUERIES.format(address=address, is_empty=is_empty)
    stack.python(question)
    return stack.python(question)


if __name__ == "__main__":
    main()
