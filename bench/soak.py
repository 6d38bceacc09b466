"""Soak test with concurrent readers, commenters and a moderator for some minutes.

Usage: python -m bench.soak [MINUTES]

Uses the servers of deploy/, at 80 % of the rate that they reached in the half minute before (the clients run on the
same machine). Prints for each minute requests, unexpected responses, milliseconds (median, 99th percentile) of cached
pages, of pages from the application, of posts and of decisions, and the memory (PSS) of the site's processes. Exits
with 1 if anything went wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
import random
import re
import statistics
import sys
import threading
import time

from bench.harness import proportional
from bench.stack import ARTICLE, words
from tests.support.full_stack import Stack, running_stack
from tests.support.http_client import ask, send

CLIENTS = 8
SHARE = 0.8
WARM_UP = 30  # seconds
# Per hundred requests; the rest are cached pages.
PASSED_ON, POSTS, DECISIONS = 20, 3, 1
FOCUS = re.compile(r'id="moves".*?name="comment" value="(\d+)".*?name="version" value="([^"]+)"', re.DOTALL)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    with running_stack(form_rate="100000r/s") as stack:
        stack.worker.start()
        articles = [stack.python(ARTICLE) for _ in range(20)]
        crowd = Crowd(stack, articles)
        capacity = crowd.run(WARM_UP, interval=0)
        print(f"{capacity:,.0f} requests a second; {SHARE:.0%} of them from now on", flush=True)
        crowd.seen.clear()
        crowd.run(minutes * 60, interval=CLIENTS / (capacity * SHARE), report=crowd.report)
        return 1 if crowd.wrong else 0


class Crowd:
    def __init__(self, stack: Stack, articles: list[str]) -> None:
        self.stack, self.articles = stack, articles
        self.moderator = f"sessionid={stack.session_id_for('editor')}"
        self.deciding = threading.Lock()
        self.seen: defaultdict[str, list[float]] = defaultdict(list)
        self.wrong: Counter[str] = Counter()

    def run(self, seconds: float, *, interval: float, report: Callable[[], None] | None = None) -> float:
        """Return requests per second. Each client waits until `interval` seconds after its previous request."""
        begun = time.monotonic()
        until, asked = begun + seconds, [0] * CLIENTS

        def be_one(client: int) -> None:
            chance, due = random.Random(client), begun
            while (now := time.monotonic()) < until:
                if interval and now < due:
                    time.sleep(due - now)  # stay below the capacity
                due = max(due + interval, now - 1)
                self.once(client, asked[client], chance)
                asked[client] += 1

        threads = [threading.Thread(target=be_one, args=[client]) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while report and time.monotonic() < until:
            time.sleep(min(60, max(0.0, until - time.monotonic())))  # one line per minute
            report()
        for thread in threads:
            thread.join()
        return sum(asked) / seconds

    def once(self, client: int, number: int, chance: random.Random) -> None:
        address, kind = chance.choice(self.articles), chance.randrange(100)
        reader = f"127.{40 + client}.0.{1 + number % 200}"  # each address has 28,000 ports, in use for a minute
        begun = time.monotonic()
        if kind < DECISIONS:
            what, wanted, status = "decision", 200, self.decide(chance)
        elif kind < DECISIONS + POSTS:
            who = f"127.{20 + client}.{number // 200 % 250}.{1 + number % 200}"
            text = words(client, chance.getrandbits(60))
            what, wanted = "post", 303
            status = send(self.stack.url, f"{address}comments/", comment=text, name="Ada", sender=who).status
        elif kind < DECISIONS + POSTS + PASSED_ON:
            what, wanted = "passed on", 200
            status = ask(self.stack.url, f"{address}?sort=oldest&x={chance.randrange(10**9)}", sender=reader).status
        else:
            what, wanted = "cached", 200
            status = ask(self.stack.url, address, headers={"Accept-Encoding": "br"}, sender=reader).status
        self.seen[what].append((time.monotonic() - begun) * 1000)
        if status != wanted:
            self.wrong[f"{what} {status}"] += 1

    def decide(self, chance: random.Random) -> int:
        """Load the moderation queue and decide, as one moderator. Return the status."""
        with self.deciding:
            moderator_client = "/admin/comments/moderation/?queue=pending"
            page = ask(self.stack.url, moderator_client, headers={"Cookie": self.moderator})
            focus, token = FOCUS.search(page.text), TOKEN.search(page.text)
            if not (focus and token):
                return page.status
            cookies = f"{self.moderator}; {page.headers.get('Set-Cookie', '').partition(';')[0]}"
            fields = {"comment": focus[1], "version": focus[2], "csrfmiddlewaretoken": token[1]}
            action = chance.choice(["approve", "approve", "spam"])
            return send(self.stack.url, moderator_client, headers={"Cookie": cookies}, action=action, **fields).status

    def report(self) -> None:
        seen, self.seen = self.seen, defaultdict(list)
        said = [f"{sum(map(len, seen.values())):7,} requests"]
        for what in ("cached", "passed on", "post", "decision"):
            if len(times := seen[what]) > 1:
                said.append(f"{what} {statistics.median(times):.1f}, {statistics.quantiles(times, n=100)[98]:.0f} ms")
        parts = {"workers": self.stack.workers(), "worker": [self.stack.worker.pid], "nginx": self.stack.nginx.all()}
        said += [f"{name} {sum(map(proportional, pids)):.0f} MiB" for name, pids in parts.items()]
        print("; ".join(said) + (f"; WRONG {dict(self.wrong)}" if self.wrong else ""), flush=True)


if __name__ == "__main__":
    sys.exit(main())
