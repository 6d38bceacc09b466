"""Threads and the word list: a process builds a changed list once, however many readers post."""

from threading import Barrier, Event, Thread

from django.db import connection
import pytest

from comments.filters import word_list as module
from comments.models import WordListEntry
from comments.text.matcher import Matcher
from tests.comments.test_word_list import hits, put


@pytest.fixture
def built(monkeypatch):
    """Record which lists are built; building the second one waits for `may_go_on`."""
    times = []

    class Slow(Matcher):
        may_go_on, has_begun = Event(), Event()

        def __init__(self, entries):
            times.append(1)
            if len(times) > 1:
                self.has_begun.set()
                assert self.may_go_on.wait(20)
            super().__init__(entries)

    monkeypatch.setattr(module, "Matcher", Slow)
    monkeypatch.setattr(module, "_loaded", module._EMPTY)
    yield Slow, times
    Slow.may_go_on.set()


def started(target):
    def run():
        try:
            target()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_others_use_the_list_before_while_one_builds(built):
    slow, times = built
    put("herring")
    found, others = [], []
    assert set(hits("herring gull")) == {"herring"}
    put("gull")
    builder = started(lambda: found.append(set(hits("herring gull"))))
    assert slow.has_begun.wait(20)
    threads = [started(lambda: others.append(set(hits("herring gull")))) for _number in range(4)]
    for thread in threads:
        thread.join(20)
    assert others == [{"herring"}] * 4
    slow.may_go_on.set()
    builder.join(20)
    assert found == [{"herring", "gull"}]
    assert set(hits("herring gull")) == {"herring", "gull"}
    assert len(times) == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_threads_that_have_none_yet_one_builds_and_all_see_the_list(built):
    _slow, times = built
    WordListEntry.objects.all().delete()
    put("herring")
    found, together = [], Barrier(4, timeout=20)

    def look():
        together.wait()
        found.append(set(hits("herring")))

    for thread in [started(look) for _number in range(4)]:
        thread.join(20)
    assert found == [{"herring"}] * 4
    assert len(times) == 1
