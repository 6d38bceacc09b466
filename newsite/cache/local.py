"""What a process has lately had from a shared cache, kept near: in its own memory.

Only for values that never change under their key: all of ours hold the versions of what they show.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
import time
from typing import Any

TTL_SECONDS = 10 * 60  # seconds beyond what the shared cache keeps


class LocalCache:
    """The latest `most` that were put here. Given back is the very object that was put: nobody may change it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._until: dict[str, tuple[float, Any]] = {}
        self._lock = Lock()

    def get(self, key: str) -> Any:
        """None if it is not here."""
        until, value = self._until.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, values: Iterable[tuple[str, Any]]) -> None:
        until = time.monotonic() + TTL_SECONDS
        with self._lock:
            for key, value in values:
                self._until.pop(key, None)  # so that it comes last
                self._until[key] = until, value
            while len(self._until) > self.most:
                del self._until[next(iter(self._until))]

    def forget(self, key: str) -> None:
        with self._lock:
            self._until.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._until.clear()
