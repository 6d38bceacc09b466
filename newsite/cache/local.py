"""Cache of one process in front of Redis, limited by number and age of entries.

Only for values that never change under their key. All cache keys of this site contain the versions of the content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
import time
from typing import Any

from cachetools import LRUCache

TTL_SECONDS = 10 * 60  # in addition to the timeout of the shared cache


class LocalCache:
    """LRU cache for several threads. It returns the stored object itself, which callers must not change.

    Entries have their end beside them: cachetools' TTLCache takes four times as long for the 50 comments of a page.
    """

    def __init__(self, max_entries: int, timer: Callable[[], float] = time.monotonic) -> None:
        self._values: LRUCache[str, tuple[float, Any]] = LRUCache(max_entries)
        self._timer = timer
        self._lock = Lock()  # reading moves an entry, too

    def get(self, key: str) -> Any:
        """Return the value, or None."""
        return self.get_many([key]).get(key)

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        now = self._timer()
        with self._lock:
            found = [(key, entry) for key in keys if (entry := self._values.get(key)) is not None]
        return {key: value for key, (ends_at, value) in found if ends_at > now}

    def put(self, values: Iterable[tuple[str, Any]]) -> None:
        ends_at = self._timer() + TTL_SECONDS
        if self._values.maxsize:  # else LRUCache raises ValueError
            with self._lock:
                self._values.update((key, (ends_at, value)) for key, value in values)

    def forget(self, key: str) -> None:
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
