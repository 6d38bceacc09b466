"""Shared cache with a fake Redis; tests/faults uses a real one."""

import logging
import pickle
import zlib

from django.core.cache import caches
from django.core.cache.backends.redis import RedisSerializer
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
import pytest
from redis.exceptions import ConnectionError as RedisIsAway
import time_machine

from articles.models import Article
from comments.queue.filters import section_choices
from newsite.cache import redis as sharedcache
from newsite.cache.redis import RETRY_SECONDS, SharedCache
from newsite.cache.serializer import Serializer
from tests.conftest import make_comment


class Redis:
    """Fake of Django's Redis client."""

    def __init__(self):
        self.values, self.asked, self.is_down = {}, 0, False

    def _ask(self):
        self.asked += 1
        if self.is_down:
            raise RedisIsAway("Connection refused")

    def get(self, key, default):
        self._ask()
        return self.values.get(key, default)

    def get_many(self, keys):
        self._ask()
        return {key: self.values[key] for key in keys if key in self.values}

    def set(self, key, value, timeout):
        self._ask()
        self.values[key] = value

    def set_many(self, data, timeout):
        self._ask()
        self.values |= data

    def add(self, key, value, timeout):
        self._ask()
        return self.values.setdefault(key, value) is value

    def delete(self, key):
        self._ask()
        return self.values.pop(key, None) is not None

    def clear(self):
        self._ask()
        self.values.clear()


@pytest.fixture
def redis(monkeypatch):
    monkeypatch.setattr(sharedcache, "_State", type("_State", (), {"is_down": False, "ask_again_at": 0.0}))
    return Redis()


@pytest.fixture
def make_cache(redis, request):
    def make(near=100):
        prefix = f"{request.node.name}-{near}"
        cache = SharedCache("redis://nowhere", {"KEY_PREFIX": prefix, "OPTIONS": {"LOCAL_CACHE_SIZE": near}})
        cache._cache = redis
        return cache

    return make


def test_what_was_had_is_near_and_not_asked_for_again(make_cache, redis):
    cache = make_cache()
    cache.set_many({"one": 1, "two": 2})
    redis.asked = 0
    assert cache.get_many(["one", "two"]) == {"one": 1, "two": 2}
    assert cache.get("one") == 1
    assert redis.asked == 0


def test_what_another_process_put_there_is_found_and_then_near(make_cache, redis):
    cache = make_cache()
    redis.values = {cache.make_key("one"): 1, cache.make_key("two"): 2}
    assert cache.get("one") == 1
    assert cache.get_many(["one", "two", "three"]) == {"one": 1, "two": 2}
    redis.asked = 0
    assert cache.get_many(["one", "two"]) == {"one": 1, "two": 2}
    assert redis.asked == 0


def test_threads_have_it_near_together(make_cache, redis):
    make_cache().set("one", 1)
    redis.values.clear()
    assert make_cache().get("one") == 1


def test_what_is_deleted_or_cleared_is_near_no_longer(make_cache):
    cache = make_cache()
    cache.set_many({"one": 1, "two": 2})
    cache.delete("one")
    assert cache.get("one", "nothing") == "nothing"
    cache.clear()
    assert cache.get("two") is None


def test_nothing_is_near_unless_that_is_said(make_cache, redis):
    cache = make_cache(near=0)
    cache.set("one", 1)
    redis.values.clear()
    assert cache.get("one") is None


def test_without_redis_everything_is_absent_and_nothing_fails(make_cache, redis, caplog):
    cache = make_cache(near=0)
    redis.is_down = True
    with caplog.at_level(logging.WARNING):
        assert cache.get("one", "nothing") == "nothing"
        assert cache.get_many(["one"]) == {}
        assert cache.set("one", 1) is None
        assert cache.set_many({"one": 1}) == ["one"]
        assert cache.add("one", 1) is False
        assert cache.delete("one") is False
        assert cache.clear() is None
    assert [record.getMessage() for record in caplog.records] == [
        "Redis does not answer; pages are made without it: Connection refused"
    ]
    assert redis.asked == 1  # and then left alone for a while


def test_it_is_asked_again_after_a_while_and_said_that_it_is_back(make_cache, redis, caplog):
    cache = make_cache(near=0)
    redis.is_down = True
    cache.get("one")
    redis.is_down, redis.asked = False, 0
    caplog.clear()
    sharedcache._State.ask_again_at -= RETRY_SECONDS
    with caplog.at_level(logging.WARNING):
        cache.set("one", 1)
    assert redis.asked == 1
    assert cache.get("one") == 1
    assert [record.getMessage() for record in caplog.records] == ["Redis answers again."]


class Bomb:
    """Object that fails the test when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("It was unpickled.",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"12",
        b"half of it",
        b"b" + b"a page",
        b"j[1]",
        b'{"html": "of another program"}',
        RedisSerializer().dumps(b"a value of another program"),
        pickle.dumps(Bomb()),
        b"x" * 4 + pickle.dumps(Bomb()),
        b"x" * 16 + pickle.dumps(Bomb()),  # the form of an earlier release: a signature and a pickle
    ],
)
def test_what_somebody_else_has_put_there_is_as_if_it_were_not_there(data):
    assert Serializer().loads(data) is None


@pytest.mark.parametrize(
    "content", [b"", b"x", b"p" + pickle.dumps(Bomb()), b"j", b"jno JSON", b"j" + b"[" * 100_000, b'j"\xff"']
)
def test_of_what_has_the_right_checksum_only_bytes_and_json_are_read(content):
    assert Serializer().loads(zlib.crc32(content).to_bytes(4, "big") + content) is None


@given(st.binary())
def test_any_bytes_can_be_read_and_are_nothing(data):
    assert Serializer().loads(data) is None


@pytest.mark.parametrize(
    "value",
    [b"a page", b"", 12, "words", "кот 🐈 \ud800\0", [1, None, ["a"]], {"html": "<p>", "about": {"a": [1.5, True]}}],
)
def test_what_we_have_put_there_is_read_as_it_was(value):
    data = Serializer().dumps(value)
    assert Serializer().loads(data) == value
    assert Serializer().loads(data[:-1]) is None


@pytest.mark.parametrize("value", [{1, 2}, object(), [b"bytes in a list"]])
def test_what_would_come_back_as_something_else_is_a_fault_of_ours(value):
    with pytest.raises(TypeError):
        Serializer().dumps(value)


class Serialized(Redis):
    """Fake Redis that serializes values like the real client."""

    def get(self, key, default):
        data = super().get(key, None)
        return default if data is None else Serializer().loads(data)

    def get_many(self, keys):
        return {key: Serializer().loads(data) for key, data in super().get_many(keys).items()}

    def set(self, key, value, timeout):
        super().set(key, Serializer().dumps(value), timeout)

    def set_many(self, data, timeout):
        super().set_many({key: Serializer().dumps(value) for key, value in data.items()}, timeout)

    def add(self, key, value, timeout):
        self.values.setdefault(key, Serializer().dumps(value))


@pytest.fixture
def shared_caches(monkeypatch, request):
    """Store all caches of the site in one fake Redis."""
    server = Serialized()
    for name in ("default", "pages"):
        cache = SharedCache("redis://nowhere", {"KEY_PREFIX": f"{request.node.name}-{name}"})
        cache._cache = server
        for method in ("get", "get_many", "set", "set_many", "add"):
            monkeypatch.setattr(caches[name], method, getattr(cache, method))
    return server


@pytest.mark.database
def test_pages_of_parts_from_redis_are_those_of_fresh_parts(article, shared_caches):
    """Cached values are unchanged: the article, the page around it, its comments, the choices of a form."""
    Article.objects.update(headline="Cats & <dogs>")
    make_comment(article)
    make_comment(article, parent=make_comment(article, text="A comment & more."))
    with time_machine.travel(timezone.now(), tick=False):
        fresh = Client().get(article.get_absolute_url()).content, section_choices()
        for key in [key for key in shared_caches.values if "-pages" in key]:
            del shared_caches.values[key]  # so that the page is rendered from its cached parts
        stored = dict(shared_caches.values)
        again = Client().get(article.get_absolute_url()).content, section_choices()
    assert again == fresh
    assert {key for key in shared_caches.values if "-default" in key} == set(stored)  # every part was found
    assert len(stored) >= 4 + 3
