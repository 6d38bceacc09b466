from concurrent.futures import ThreadPoolExecutor

from newsite.cache.local import TTL_SECONDS, LocalCache


def test_what_was_put_is_there_itself():
    near, value = LocalCache(2), object()
    near.put([("one", value)])
    assert near.get("one") is value
    assert near.get("another") is None


def test_of_too_many_the_latest_stay():
    near = LocalCache(2)
    near.put([("one", 1), ("two", 2)])
    near.put([("one", 1)])  # it is the latest again
    near.put([("three", 3)])
    assert [near.get(key) for key in ("one", "two", "three")] == [1, None, 3]


def test_none_are_kept_where_none_may_be():
    near = LocalCache(0)
    near.put([("one", 1)])
    assert near.get("one") is None


def test_what_was_put_long_ago_is_asked_for_again():
    now = [0.0]
    near = LocalCache(2, lambda: now[0])
    near.put([("one", 1)])
    now[0] = TTL_SECONDS - 1
    assert near.get("one") == 1
    now[0] = TTL_SECONDS + 1
    assert near.get("one") is None


def test_what_is_taken_away_is_gone():
    near = LocalCache(2)
    near.put([("one", 1), ("two", 2)])
    near.forget("one")
    assert (near.get("one"), near.get("two")) == (None, 2)
    near.clear()
    assert near.get("two") is None


def test_threads_that_read_and_write_together_break_nothing():
    near = LocalCache(10)

    def work(number):
        for turn in range(2_000):
            near.put([(str((number + turn) % 30), turn)])
            near.get(str(turn % 30))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sum(near.get(str(key)) is not None for key in range(30)) == 10
