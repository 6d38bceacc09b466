"""The real parts, measured: python -m bench.stack [SECONDS]

nginx, gunicorn (2 workers), PostgreSQL and Redis as deploy/ sets them up, and an empty Django view under the same
gunicorn; each target SECONDS long (default 4) by wrk with 16 connections, on this machine. Prints requests a second,
milliseconds (median, 99th percentile), processor time of a request (user and system of the processes that serve, not of
the database), and the ratio to the empty view's or to the static file's. Needs Debian's wrk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
import os
from pathlib import Path
import re
import statistics
import subprocess
import sys
import threading
import time

from tests.asking import ask, send
from tests.site import wait_for
from tests.stack import Part, Stack, free_port, running_stack

CONNECTIONS, SENDERS = 16, 8
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
FIRST_PAGE_AGAIN = """
from datetime import timedelta
from django.utils import timezone
from comments.models import Comment
from comments.threads import Cursor, Sort
newest = Comment.objects.latest("created_at")
newest.created_at += timedelta(days=1)
print(Cursor.of(newest, Sort.NEWEST))
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
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    with running_stack(forms="100000r/s") as stack, apart(stack) as (ours, cold, empty):
        address = stack.python(ARTICLE)
        again = f"{address}?after={stack.python(FIRST_PAGE_AGAIN)}"
        print(f"{'':46}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>8}{'ratio':>7}{'queries':>9}")
        application(stack, [ours, cold, empty], [address, again], seconds)
        in_front(stack, address, seconds)
        post(stack, address, seconds)
        memory(stack)


def application(stack: Stack, served: list[Served], addresses: list[str], seconds: int) -> None:
    """Ratios are of processor time."""
    (ours, cold, empty), (address, again) = served, addresses
    base = row("empty view", f"{empty.url}/healthz", empty.pids, seconds).cpu
    page, etag = f"{ours.url}{address}", ask(ours.url, address).headers["ETag"]
    hit, warm = (count(stack, each, is_empty=False) for each in (address, again))
    row("validated hit", page, ours.pids, seconds, base=base, queries=hit)
    row("validated hit, gzip", page, ours.pids, seconds, base=base, queries=hit, header="Accept-Encoding: gzip")
    row("304", page, ours.pids, seconds, base=base, queries=hit, header=f"If-None-Match: {etag}")
    row("page with warm parts", f"{ours.url}{again}", ours.pids, seconds, base=base, queries=warm)
    all_of_it = count(stack, address, is_empty=True)
    row("page with every cache empty", f"{cold.url}{address}", cold.pids, seconds, base=base, queries=all_of_it)


def in_front(stack: Stack, address: str, seconds: int) -> None:
    """A file with the very bytes of the page, beside it. Ratios are of requests a second."""
    file = Path(stack.environment["STATIC_ROOT"]) / "bench.html"
    forms = {"": file, "gzip": file.with_suffix(".html.gz"), "br": file.with_suffix(".html.br")}
    try:
        for encoding, path in forms.items():
            path.write_bytes(ask(stack.url, address, headers={"Accept-Encoding": encoding}).body)
        for encoding in forms:
            asked = f"Accept-Encoding: {encoding}"
            static = row(
                f"nginx, static file {encoding}",
                f"{stack.url}/static/bench.html",
                stack.nginx.all,
                seconds,
                header=asked,
            )
            url = f"{stack.url}{address}"
            row(f"nginx, cached page {encoding}", url, stack.nginx.all, seconds, header=asked, rate=static.rate)
    finally:
        for path in forms.values():
            path.unlink(missing_ok=True)


class Served:
    def __init__(self, url: str, part: Part) -> None:
        self.url, self.part = url, part

    def pids(self) -> list[int]:
        return self.part.children()


@contextlib.contextmanager
def apart(stack: Stack) -> Iterator[tuple[Served, Served, Served]]:
    """Our application, one without caches, and an empty view, each on a port of its own."""
    (stack.folder / "empty.py").write_text(EMPTY)
    served = []
    for name, more in {
        "ours": {},
        "cold": {"CACHE_URL": "dummycache://"},
        "empty": {"PYTHONPATH": str(stack.folder)},
    }.items():
        url = f"127.0.0.1:{free_port()}"
        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
        environment = {**stack.environment, "BIND": url, **more}
        part = Part(name, [*command, *(["empty"] if name == "empty" else [])], stack.folder, environment)
        part.start()
        served.append(Served(f"http://{url}", part))
    try:
        for each in served:
            wait_for(f"{each.url}/healthz")
        yield served[0], served[1], served[2]
    finally:
        for each in served:
            each.part.stop()


class Row:
    def __init__(self, rate: float, cpu: float) -> None:
        self.rate, self.cpu = rate, cpu


def row(
    title: str,
    url: str,
    pids: Callable[[], list[int]],
    seconds: int,
    *,
    base: float = 0.0,
    rate: float = 0.0,
    header: str = "",
    queries: str = "",
) -> Row:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency", *(["-H", header] if header else [])]
    subprocess.run([*command, "-d1", url], check=True, capture_output=True)
    before = processor(pids())
    said = subprocess.run([*command, f"-d{seconds}", url], check=True, capture_output=True, text=True).stdout
    number = int(found(r"(\d+) requests in", said))
    result = Row(float(found(r"Requests/sec:\s+([\d.]+)", said)), since(before) / number)
    p50, p99 = (milliseconds(found(rf"{at}%\s+(\S+)", said)) for at in (50, 99))
    ratio = f"{result.cpu / base:.2f}" if base else f"{result.rate / rate:.2f}" if rate else ""
    is_wrong = "Non-2xx" in said and "If-None" not in header
    print(
        f"{title:46}{result.rate:11,.0f}{p50:9.1f}{p99:9.1f}{result.cpu:8.3f}{ratio:>7}{queries:>9}",
        "  NOT ALL 2xx" if is_wrong else "",
        flush=True,
    )
    return result


def post(stack: Stack, address: str, seconds: int) -> None:
    """By eight people at once, each comment from another address; what the senders cost is on the same machine."""
    times: list[float] = []
    statuses: set[int] = set()
    until = time.monotonic() + seconds

    def keep_sending(sender: int) -> None:
        number = 0
        while time.monotonic() < until:
            number += 1
            who = f"127.{10 + sender}.{number // 200 % 250}.{1 + number % 200}"
            begun = time.monotonic()
            text = f"Comment {number} of {sender}, about the {number * 7919 % 9973} herrings of {number * 31 % 8999}."
            statuses.add(send(stack.url, f"{address}comments/", comment=text, name=f"Ada {sender}", sender=who).status)
            times.append((time.monotonic() - begun) * 1000)

    before = processor([*stack.nginx.all(), *stack.workers()])
    threads = [threading.Thread(target=keep_sending, args=[sender]) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu, rate = since(before) / len(times), len(times) / seconds
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(
        f"{f'post through nginx, {SENDERS} at once {sorted(statuses)}':46}{rate:11,.0f}{p50:9.1f}{p99:9.1f}{cpu:8.3f}"
    )


def memory(stack: Stack) -> None:
    stack.worker.start()
    time.sleep(5)
    pids = {
        "2 workers and their master": [stack.site.pid, *stack.workers()],
        "the worker": [stack.worker.pid],
        "nginx": stack.nginx.all(),
    }
    sizes = {name: sum(proportional(pid) for pid in each) for name, each in pids.items()}
    listed = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
    print(f"PSS, MiB: {listed}; together {sum(sizes.values()):.0f}")


def proportional(pid: int) -> float:
    return int(found(r"\nPss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())) / 1024


def processor(pids: list[int]) -> dict[int, float]:
    """Milliseconds so far."""
    used = {}
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):  # workers are replaced now and then
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used[pid] = (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
    return used


def since(before: dict[int, float]) -> float:
    now = processor(list(before))
    return sum(now.values()) - sum(used for pid, used in before.items() if pid in now)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if not match:
        raise ValueError(text)
    return match.group(1)


def milliseconds(text: str) -> float:
    number, unit = found(r"([\d.]+)", text), text.lstrip("0123456789.")
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def count(stack: Stack, address: str, *, is_empty: bool) -> str:
    question = QUERIES.format(address=address, is_empty=is_empty)
    stack.python(question)
    return stack.python(question)


if __name__ == "__main__":
    main()
