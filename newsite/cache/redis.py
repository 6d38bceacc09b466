"""Redis cache of all workers and hosts: CACHE_URL=redis://. Without Redis the site is slower, but correct.

Every key contains the versions of its content, so a read or write that was lost in an outage does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
import logging
import time
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from newsite.cache.local import LocalCache
from newsite.cache.serializer import Serializer

Value = TypeVar("Value")

RETRY_SECONDS = 1.0  # after a failure, Redis is not used for this long, so that requests do not all wait for a timeout
TIMEOUTS = {"socket_connect_timeout": 0.2, "socket_timeout": 0.5}  # seconds; rendering a page takes less

logger = logging.getLogger(__name__)


class _State:
    """State of this process: whether Redis is unavailable, and when to try it again."""

    is_down = False
    ask_again_at = 0.0


class SharedCache(RedisCache):
    """Redis cache, with up to LOCAL_CACHE_SIZE entries also in the process. Values never change under their key."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # Retry once immediately: a connection that Redis closed while idle is not a failure.
        options = {**TIMEOUTS, "retry": Retry(NoBackoff(), 1), "serializer": Serializer, **params.get("OPTIONS", {})}
        self._local = _local_cache(params["KEY_PREFIX"], options.pop("LOCAL_CACHE_SIZE", 0))
        super().__init__(server, {**params, "OPTIONS": options})

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        value = self._local.get(key)
        if value is None:
            value = _call_redis(lambda: super(SharedCache, self).get(key, None, version), None)
            if value is None:
                return default
            self._local.put([(key, value)])
        return value

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        keys = list(keys)
        found = self._local.get_many(keys)
        if absent := [key for key in keys if key not in found]:
            answer: dict[Any, Any] = _call_redis(lambda: super(SharedCache, self).get_many(absent, version), {})
            further = {key: value for key, value in answer.items() if value is not None}
            self._local.put(further.items())
            found |= further
        return found

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._local.put([(key, value)])
        _call_redis(lambda: super(SharedCache, self).set(key, value, timeout, version), None)

    def set_many(self, data: dict[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        self._local.put(data.items())
        return _call_redis(lambda: super(SharedCache, self).set_many(data, timeout, version), list(data))

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _call_redis(lambda: super(SharedCache, self).add(key, value, timeout, version), False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        self._local.forget(key)
        return _call_redis(lambda: super(SharedCache, self).delete(key, version), False)

    def clear(self) -> None:
        self._local.clear()
        _call_redis(super().clear, None)


@cache
def _local_cache(prefix: str, most: int) -> LocalCache:
    """Return the cache that all threads share, because Django creates a cache object per thread."""
    return LocalCache(most)


def _call_redis(question: Callable[[], Value], otherwise: Value) -> Value:
    if _State.is_down and time.monotonic() < _State.ask_again_at:
        return otherwise
    try:
        answer = question()
    except (RedisError, OSError) as error:
        _State.ask_again_at = time.monotonic() + RETRY_SECONDS
        if not _State.is_down:
            logger.error("Redis does not answer; pages are made without it: %s", str(error).partition("\n")[0])
        _State.is_down = True
        return otherwise
    if _State.is_down:
        _State.is_down = False
        logger.warning("Redis answers again.")
    return answer
