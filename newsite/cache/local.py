"""Cache of one process in front of Redis, limited by number and age of entries.

Only for values that never change under their key. All cache keys of this site contain the versions of the content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
import time
from typing import Any

from cachetools import TTLCache

TTL_SECONDS = 10 * 60  # in addition to the timeout of the shared cache


class LocalCache:
    """LRU cache for several threads. It returns the stored object itself, which callers must not change."""

    def __init__(self, max_entries: int, timer: Callable[[], float] = time.monotonic) -> None:
        self._values: TTLCache[str, Any] = TTLCache(max_entries, TTL_SECONDS, timer)
        self._lock = Lock()  # reading moves an entry, too

    def get(self, key: str) -> Any:
        """Return the value, or None."""
        with self._lock:
            return self._values.get(key)

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        with self._lock:
            return {key: value for key in keys if (value := self._values.get(key)) is not None}

    def put(self, values: Iterable[tuple[str, Any]]) -> None:
        if self._values.maxsize:  # else TTLCache raises ValueError
            with self._lock:
                self._values.update(values)

    def forget(self, key: str) -> None:
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
