"""Benchmark of the cost of a page on each server.

Usage: python -m bench.cost_per_page [SECONDS]

Starts gunicorn (2 workers), a primary, a streaming replica and a Redis. Runs wrk with 16 connections on each target for
SECONDS (default 4), first without the replica, then with it. Prints requests per second, and milliseconds of processor
time per request in gunicorn, in the primary and in the replica; then the memory of a page in Redis, and the bytes of a
comment in the database and in replication. Needs Debian's wrk.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import re
import subprocess
import sys
import time

from bench.harness import CONNECTIONS, found, processor
from bench.stack import ARTICLE, FIRST_PAGE_AGAIN, Served
from tests.support.full_stack import Service, Stack, free_port, running_stack
from tests.support.http_client import ask, send
from tests.support.live_site import wait_for
from tests.support.postgres import PostgresServer
from tests.support.two_hosts import query_value

POSTS = 100
IDLE = 10  # seconds


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    with running_stack(has_replica=True, form_rate="100000r/s") as stack:
        address = stack.python(ARTICLE)
        addresses = {
            "validated hit": address,
            "page with warm parts": f"{address}?after={stack.python(FIRST_PAGE_AGAIN)}",
        }
        print(f"{'':34}{'requests/s':>11}{'gunicorn':>10}{'primary':>9}{'replica':>9}")
        for title, more in {"primary alone": {"DATABASE_REPLICA_URL": ""}, "with the replica": {}}.items():
            served = gunicorn(stack, more)
            try:
                for kind, each in addresses.items():
                    measure(f"{kind}, {title}", f"{served.url}{each}", servers(stack, served), seconds)
                idle(title, servers(stack, served))
            finally:
                served.part.stop()
        a_page(stack, address)
        a_comment(stack, address)


def gunicorn(stack: Stack, more: dict[str, str]) -> Served:
    url = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    part = Service("ours", command, stack.folder, {**stack.environment, "BIND": url, **more})
    part.start()
    wait_for(f"http://{url}/readyz")
    return Served(f"http://{url}", part)


def servers(stack: Stack, served: Served) -> list[Callable[[], list[int]]]:
    return [served.pids, *(of(each) for each in (stack.database, stack.replica) if each)]


def of(server: PostgresServer) -> Callable[[], list[int]]:
    pid = server.process.pid if server.process else 0
    children = f"/proc/{pid}/task/{pid}/children"
    return lambda: [pid, *map(int, Path(children).read_text().split())]


def measure(title: str, url: str, servers: list[Callable[[], list[int]]], seconds: int) -> None:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency"]
    subprocess.run([*command, "-d2", url], check=True, capture_output=True)
    before = [processor(pids()) for pids in servers]
    said = subprocess.run([*command, f"-d{seconds}", url], check=True, capture_output=True, text=True).stdout
    number = int(found(r"(\d+) requests in", said))
    spent = [used(old, processor(pids())) / number for old, pids in zip(before, servers, strict=True)]
    rate = float(found(r"Requests/sec:\s+([\d.]+)", said))
    is_wrong = "Non-2xx" in said
    print(f"{title:34}{rate:11,.0f}{spent[0]:10.3f}{spent[1]:9.3f}{spent[2]:9.3f}", "NOT ALL 2xx" if is_wrong else "")


def used(before: dict[int, float], now: dict[int, float]) -> float:
    """Return the processor time used since `before` in milliseconds. Count new processes in full."""
    return sum(spent - before.get(pid, 0) for pid, spent in now.items())


def idle(title: str, servers: list[Callable[[], list[int]]]) -> None:
    before = [processor(pids()) for pids in servers]
    time.sleep(IDLE)  # measure the processor time without requests
    spent = [used(old, processor(pids())) / IDLE for old, pids in zip(before, servers, strict=True)]
    print(f"{'idle, a second, ' + title:34}{'':11}{spent[0]:10.3f}{spent[1]:9.3f}{spent[2]:9.3f}", flush=True)


def a_page(stack: Stack, address: str) -> None:
    def memory() -> int:
        asked = ["redis-cli", "-s", str(stack.folder / "redis.sock"), "info", "memory"]
        return int(re.findall(r"used_memory:(\d+)", subprocess.check_output(asked, text=True))[0])

    subprocess.run(["redis-cli", "-s", str(stack.folder / "redis.sock"), "flushall"], check=True, capture_output=True)
    empty = memory()
    for encoding in ("", "gzip", "br"):
        ask(stack.url, f"{address}?sort=oldest", headers={"Accept-Encoding": encoding})
    print(f"Redis for a page in three encodings, with its parts and 50 comments: {memory() - empty:,} bytes")


def a_comment(stack: Stack, address: str) -> None:
    where, size = "SELECT pg_current_wal_lsn() - '0/0'", "SELECT pg_database_size(current_database())"
    wal, rows = query_value(stack.database, where), query_value(stack.database, size)
    taken = 0
    for number in range(POSTS):
        text = f"Comment {number}, about the {number * 7919 % 9973} herrings of {number * 31 % 8999} and their price."
        sender = f"127.77.{number}.1"
        taken += send(stack.url, f"{address}comments/", comment=text, name="Ada", sender=sender).status == 303
    wal, rows = query_value(stack.database, where) - wal, query_value(stack.database, size) - rows
    print(f"a comment: {wal / taken:,.0f} bytes of WAL, {rows / taken:,.0f} bytes of tables and indexes")


if __name__ == "__main__":
    main()
