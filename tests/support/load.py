"""Readers and commenters of the running site, who note what they were answered."""

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

from tests.support.http_client import Answer, ask, send

ALL_COMMENTS = (
    "from comments.models import Comment\nfor comment in Comment.objects.all(): print(comment.pk, comment.text)"
)


@dataclass
class Load:
    """What was answered so far. `not_answered`: the connection broke, or nothing came."""

    url: str
    address: str
    taken: dict[int, str] = field(default_factory=dict)  # comments answered 303: their ids and texts
    read: Counter[int] = field(default_factory=Counter)  # statuses of pages
    sent: Counter[int] = field(default_factory=Counter)  # statuses of posts
    given_back: int = 0  # posts answered 503 that hold the text
    pages: list[str] = field(default_factory=list)
    not_answered: int = 0
    odd: list[str] = field(default_factory=list)  # what a page was that was not 200
    stop: threading.Event = field(default_factory=threading.Event)

    def keep_reading(self, number: int) -> None:
        while not self.stop.is_set():
            answer = self._answer(lambda: ask(self.url, self.address, sender=f"127.1.0.{number}", seconds=20))
            if answer:
                self.read[answer.status] += 1
                if answer.status == 200:
                    self.pages = [*self.pages[-20:], answer.text]
                else:
                    self.odd.append(f"{time.time()} {answer.status} {answer.headers} {answer.text[-400:]}")

    def keep_sending(self, number: int) -> None:
        count = 0
        while not self.stop.is_set():
            count += 1
            text, where = f"{number}-{count} of the stream", f"{self.address}comments/"
            sender = f"127.{2 + number}.{count // 200 % 256}.{1 + count % 200}"  # nobody is too fast
            answer = self._answer(partial(send, self.url, where, comment=text, name="Ada", sender=sender))
            if not answer:
                continue
            self.sent[answer.status] += 1
            if answer.status == 303:
                self.taken[int(answer.headers["Location"].rpartition("-")[2])] = text
            elif answer.status == 503 and f"{text}</textarea>" in answer.text and answer.headers["Retry-After"]:
                self.given_back += 1

    def _answer(self, question: Callable[[], Answer]) -> Answer | None:
        try:
            return question()
        except (OSError, http.client.HTTPException):
            self.not_answered += 1
            time.sleep(0.05)
            return None

    def wait_for_more(self, posts: int, seconds: float = 60) -> None:
        until, enough = time.monotonic() + seconds, len(self.taken) + posts
        while len(self.taken) < enough:
            assert time.monotonic() < until, f"nothing is taken any more: {self.sent}"
            time.sleep(0.02)


@contextlib.contextmanager
def load_on(url: str, address: str, *, readers: int = 1, senders: int = 2) -> Iterator[Load]:
    """While it lasts, and until the last of them has been answered."""
    load = Load(url, address)
    assert ask(url, address).status == 200  # nginx has the page
    with ThreadPoolExecutor(readers + senders) as threads:
        people: list[Future[None]] = [threads.submit(load.keep_reading, number + 1) for number in range(readers)]
        people += [threads.submit(load.keep_sending, number) for number in range(senders)]
        try:
            yield load
        finally:
            load.stop.set()
        for person in people:
            person.result(60)


def lost(load: Load, stored: str) -> set[str]:
    """What was answered, and is not in the list of ALL_COMMENTS."""
    return {f"{pk} {text}" for pk, text in load.taken.items()} - set(stored.splitlines())
