"""Benchmark of backtests of word list entries and blocks on the newest 100,000 comments.

Usage: python -m bench backtest [COMMENTS]

Runs on a temporary PostgreSQL, with comments of 80 to 850 characters. Prints the total seconds, and the milliseconds of
the steps (median and longest), which delay notifications and other background jobs.
"""

from __future__ import annotations

import statistics
import time

from django.contrib.auth.models import User
from django.db import connection

from bench.admin_comment_list import FILL
from comments.filters.backtest import run_backtest_step
from comments.models import BackgroundJob

LENGTHEN = "UPDATE comments_comment SET text = repeat(text || ' ', 1 + (id %% 10)::int)"
CANDIDATES = [
    ("a word", "wordlistentry", "word", "cialis"),
    ("a word that is often there", "wordlistentry", "word", "herrings"),
    ("a phrase", "wordlistentry", "phrase", "price of gulls"),
    ("a wildcard", "wordlistentry", "wildcard", "herr*x"),
    ("a domain", "wordlistentry", "domain", "evil.example"),
    ("a blocked device", "block", "device", "x"),
    ("a blocked domain", "block", "domain", "evil.example"),
]


def main(rows: str = "100_000") -> None:
    measure(int(rows))


def measure(rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE comments_comment CASCADE")
        cursor.execute(FILL, [rows])
        cursor.execute(LENGTHEN, [])
        cursor.execute("VACUUM ANALYZE")
    editor = User.objects.get(username="editor")
    print(f"{'of ' + format(rows, ',') + ' comments':30}{'s':>7}{'step ms':>9}{'longest':>9}{'caught':>9}")
    for name, subject, kind, value in CANDIDATES:
        parameters = {"subject": subject, "pk": None, "fields": {"kind": kind, "value": value}, "newest": rows}
        job = BackgroundJob.objects.create(
            kind=BackgroundJob.Kind.BACKTEST, title=name, actor=editor, parameters=parameters
        )
        steps, is_last = [], False
        while not is_last:
            started = time.perf_counter()
            is_last = run_backtest_step(job)
            steps.append((time.perf_counter() - started) * 1000)
        caught = sum(job.result["caught"].values())
        print(
            f"{name:30}{sum(steps) / 1000:7.1f}{statistics.median(steps):9.0f}{max(steps):9.0f}{caught:9,}", flush=True
        )
