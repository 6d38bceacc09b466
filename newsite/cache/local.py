"""Cache of one process in front of Redis, limited by number and age of entries.

Only for values that never change under their key. All cache keys of this site contain the versions of the content.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
import time
from typing import Any

TTL_SECONDS = 10 * 60  # in addition to the timeout of the shared cache


class LocalCache:
    """Cache of the latest `most` values. It returns the stored object itself, which callers must not change."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._until: dict[str, tuple[float, Any]] = {}
        self._lock = Lock()

    def get(self, key: str) -> Any:
        """Return the value, or None."""
        until, value = self._until.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, values: Iterable[tuple[str, Any]]) -> None:
        until = time.monotonic() + TTL_SECONDS
        with self._lock:
            for key, value in values:
                self._until.pop(key, None)  # move the key to the end
                self._until[key] = until, value
            while len(self._until) > self.most:
                del self._until[next(iter(self._until))]

    def forget(self, key: str) -> None:
        with self._lock:
            self._until.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._until.clear()
