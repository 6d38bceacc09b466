"""What a server does in some seconds: requests, waits, and the processor time of its processes."""

from __future__ import annotations

from collections.abc import Callable
import contextlib
import itertools
import os
from pathlib import Path
import re
import statistics
import subprocess
import threading
import time

CONNECTIONS, SENDERS = 16, 8
ROUNDS = 5  # the best counts: threads that wait for each other make every other one slow, the empty view's, too


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
    result, said = max((_round([*command, f"-d{seconds}", url], pids) for _number in range(ROUNDS)), key=_rate)
    p50, p99 = (milliseconds(found(rf"\n\s+{at}%\s+(\S+)", said)) for at in (50, 99))
    ratio = f"{result.cpu / base:.2f}" if base else f"{result.rate / rate:.2f}" if rate else ""
    is_wrong = "Non-2xx" in said and "If-None" not in header
    print(
        f"{title:46}{result.rate:11,.0f}{p50:9.1f}{p99:9.1f}{result.cpu:8.3f}{ratio:>7}{queries:>9}",
        "  NOT ALL 2xx" if is_wrong else "",
        flush=True,
    )
    return result


def _round(command: list[str], pids: Callable[[], list[int]]) -> tuple[Row, str]:
    before = processor(pids())
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    number = int(found(r"(\d+) requests in", said))
    return Row(float(found(r"Requests/sec:\s+([\d.]+)", said)), since(before) / number), said


def _rate(measured: tuple[Row, str]) -> float:
    return measured[0].rate


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


def by_senders(
    title: str, send: Callable[[int, int], int], pids: Callable[[], list[int]], seconds: int, *, rate: float = 0.0
) -> Row:
    """`send` is called by eight people at once, each after the other: given who it is and for the how manyth time, it
    answers with the status. What the senders cost is on the same machine. As with wrk, a second before is not counted.
    """
    times: list[float] = []
    statuses: set[int] = set()
    numbers = [itertools.count(1) for _sender in range(SENDERS)]

    def keep_sending(sender: int, until: float) -> None:
        while (begun := time.monotonic()) < until:
            statuses.add(send(sender, next(numbers[sender])))
            times.append((time.monotonic() - begun) * 1000)

    def all_send(seconds: int) -> None:
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=keep_sending, args=[sender, until]) for sender in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_send(1)
    times.clear()
    before = processor(pids())
    all_send(seconds)
    result = Row(len(times) / seconds, since(before) / len(times))
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    ratio = f"{result.rate / rate:.2f}" if rate else ""
    print(f"{f'{title} {sorted(statuses)}':46}{result.rate:11,.0f}{p50:9.1f}{p99:9.1f}{result.cpu:8.3f}{ratio:>7}")
    return result
