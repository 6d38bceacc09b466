"""Load on the running site: readers and commenters in threads, which record the responses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
import contextlib
from dataclasses import dataclass, field
from functools import partial
import http.client
import threading
import time

from tests.support.http_client import Response, ask, send

ALL_COMMENTS = (
    "from comments.models import Comment\nfor comment in Comment.objects.all(): print(comment.pk, comment.text)"
)


@dataclass
class Load:
    """Responses so far; `failed_requests` counts broken connections and timeouts."""

    url: str
    address: str
    accepted: dict[int, str] = field(default_factory=dict)  # texts of comments answered with 303, by id
    page_statuses: Counter[int] = field(default_factory=Counter)
    post_statuses: Counter[int] = field(default_factory=Counter)
    returned_with_text: int = 0  # posts answered with 503 and a form that contains the text
    pages: list[str] = field(default_factory=list)
    failed_requests: int = 0
    unexpected_pages: list[str] = field(default_factory=list)  # descriptions of pages with another status than 200
    stop: threading.Event = field(default_factory=threading.Event)

    def read_until_stopped(self, number: int) -> None:
        while not self.stop.is_set():
            response = self._request(lambda: ask(self.url, self.address, sender=f"127.1.0.{number}", seconds=20))
            if response:
                self.page_statuses[response.status] += 1
                if response.status == 200:
                    self.pages = [*self.pages[-20:], response.text]
                else:
                    self.unexpected_pages.append(
                        f"{time.time()} {response.status} {response.headers} {response.text[-400:]}"
                    )

    def post_until_stopped(self, number: int) -> None:
        count = 0
        while not self.stop.is_set():
            count += 1
            text, where = f"{number}-{count} of the stream", f"{self.address}comments/"
            sender = (
                f"127.{2 + number}.{count // 200 % 256}.{1 + count % 200}"  # few enough per address for the rate limit
            )
            response = self._request(partial(send, self.url, where, comment=text, name="Ada", sender=sender))
            if not response:
                continue
            self.post_statuses[response.status] += 1
            if response.status == 303:
                self.accepted[int(response.headers["Location"].rpartition("-")[2])] = text
            elif response.status == 503 and f"{text}</textarea>" in response.text and response.headers["Retry-After"]:
                self.returned_with_text += 1

    def _request(self, request: Callable[[], Response]) -> Response | None:
        try:
            return request()
        except (OSError, http.client.HTTPException):
            self.failed_requests += 1
            time.sleep(0.05)
            return None

    def wait_for_posts(self, posts: int, seconds: float = 60) -> None:
        deadline, enough = time.monotonic() + seconds, len(self.accepted) + posts
        while len(self.accepted) < enough:
            assert time.monotonic() < deadline, f"no more posts are accepted: {self.post_statuses}"
            time.sleep(0.02)


@contextlib.contextmanager
def running_load(url: str, address: str, *, readers: int = 1, senders: int = 2) -> Iterator[Load]:
    """Generate load while the context lasts; on exit, wait for all responses."""
    load = Load(url, address)
    assert ask(url, address).status == 200  # nginx has cached the page
    with ThreadPoolExecutor(readers + senders) as threads:
        futures: list[Future[None]] = [threads.submit(load.read_until_stopped, number + 1) for number in range(readers)]
        futures += [threads.submit(load.post_until_stopped, number) for number in range(senders)]
        try:
            yield load
        finally:
            load.stop.set()
        for future in futures:
            future.result(60)


def lost_comments(load: Load, stored: str) -> set[str]:
    """Return the accepted comments that are missing in the output of ALL_COMMENTS."""
    return {f"{pk} {text}" for pk, text in load.accepted.items()} - set(stored.splitlines())
