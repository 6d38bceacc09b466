"""Measurement of servers under load: request rate, latency, and processor time of their processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
import itertools
import json
import os
from pathlib import Path
import re
import statistics
import subprocess
import threading
import time
from typing import NamedTuple

CONNECTIONS, SENDERS = 16, 8
ROUNDS = 5
RESULTS = Path(__file__).parent / "results"

Pids = Callable[[], list[int]]


class Measured(NamedTuple):
    """Result: requests per second, latency in milliseconds, processor time per request in milliseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass(frozen=True)
class Target:
    """Target of a measurement.

    `base` is the title of another target. The ratio compares processor times, with `by_rate` request rates.
    """

    title: str
    measure: Callable[[], Measured]
    base: str = ""
    by_rate: bool = False
    queries: str = ""

    def ratio(self, measured: dict[str, Measured]) -> float:
        own, base = measured[self.title], measured[self.base]
        return own.rate / base.rate if self.by_rate else own.cpu / base.cpu


HEAD = f"{'':46}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>8}{'ratio':>7}{'queries':>9}"


def table(name: str, targets: Sequence[Target]) -> None:
    """Print medians of ROUNDS measurements, and medians of the ratios within each round; write all to RESULTS.

    Measure the targets in turn, because the speed of the machine varies.
    """
    rounds = [{target.title: target.measure() for target in targets} for _number in range(ROUNDS)]
    for target in targets:
        rate, p50, p99, cpu = map(statistics.median, zip(*(each[target.title] for each in rounds), strict=True))
        ratio = f"{statistics.median(map(target.ratio, rounds)):.2f}" if target.base else ""
        print(f"{target.title:46}{rate:11,.0f}{p50:9.1f}{p99:9.1f}{cpu:8.3f}{ratio:>7}{target.queries:>9}", flush=True)
    write_results(name, [{title: measured._asdict() for title, measured in each.items()} for each in rounds])


def write_results(name: str, rounds: list[dict[str, dict[str, float]]]) -> None:
    """Write the measurements of each round, with the date and the number of cores, as JSON."""
    RESULTS.mkdir(exist_ok=True)
    measured = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "cores": len(os.sched_getaffinity(0)), "rounds": rounds}
    (RESULTS / f"{name}.json").write_text(json.dumps(measured, indent=1) + "\n")


def by_wrk(url: str, pids: Pids, seconds: int, *, header: str = "") -> Callable[[], Measured]:
    """Return a measurement by wrk. It raises ValueError if a response has an unexpected status."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency", *(["-H", header] if header else [])]

    def measure() -> Measured:
        subprocess.run([*command, "-d1", url], check=True, capture_output=True)
        before = processor(pids())
        said = subprocess.run([*command, f"-d{seconds}", url], check=True, capture_output=True, text=True).stdout
        spent, number = since(before), int(found(r"(\d+) requests in", said))
        if "Non-2xx" in said and "If-None" not in header:
            raise ValueError(said)
        p50, p99 = (milliseconds(found(rf"\n\s+{at}%\s+(\S+)", said)) for at in (50, 99))
        return Measured(float(found(r"Requests/sec:\s+([\d.]+)", said)), p50, p99, spent / number)

    return measure


def proportional(pid: int) -> float:
    return int(found(r"\nPss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())) / 1024


def processor(pids: list[int]) -> dict[int, float]:
    """Return the processor time so far of each process in milliseconds."""
    used = {}
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):  # workers are replaced after a number of requests
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


def by_senders(send: Callable[[int, int], int], pids: Pids, seconds: int, *, answered: int) -> Callable[[], Measured]:
    """Return a measurement by eight concurrent senders, each of which sends one request after the other.

    `send` gets the number of the sender and of its request, and returns the status. The senders run on the same
    machine. As with wrk, one second of warm-up is not counted. The measurement raises ValueError if a status is not
    `answered`.
    """
    numbers = [itertools.count(1) for _sender in range(SENDERS)]

    def measure() -> Measured:
        _all_send(send, numbers, 1)
        before = processor(pids())
        statuses, times = _all_send(send, numbers, seconds)
        spent = since(before)
        if statuses != {answered}:
            raise ValueError(statuses)
        p99 = statistics.quantiles(times, n=100)[98]
        return Measured(len(times) / seconds, statistics.median(times), p99, spent / len(times))

    return measure


def _all_send(
    send: Callable[[int, int], int], numbers: Sequence[itertools.count[int]], seconds: int
) -> tuple[set[int], list[float]]:
    statuses: set[int] = set()
    times: list[float] = []  # milliseconds

    def keep_sending(sender: int, until: float) -> None:
        while (begun := time.monotonic()) < until:
            statuses.add(send(sender, next(numbers[sender])))
            times.append((time.monotonic() - begun) * 1000)

    until = time.monotonic() + seconds
    threads = [threading.Thread(target=keep_sending, args=[sender, until]) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses, times
