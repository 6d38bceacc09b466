"""A process is killed or replaced while readers use the site."""

import errno
from itertools import cycle, islice
import os
import runpy
import signal
import time
from types import SimpleNamespace

import pytest

from tests.support.full_stack import wait_until
from tests.support.http_client import ask
from tests.support.live_site import REPOSITORY
from tests.support.load import ALL_COMMENTS, lost_comments, running_load


def test_a_deploy_by_reload_loses_no_request(stack, address):
    """Reload with HUP: new workers run the new code, while the old ones finish their requests."""
    reload(stack)  # new workers have no state of earlier tests
    with running_load(stack.url, address, readers=2, senders=2) as load:
        for _ in range(2):
            load.wait_for_posts(6)
            reload(stack)
        load.wait_for_posts(6)
    assert set(load.post_statuses) == {303}
    assert not load.unexpected_pages
    assert not load.failed_requests
    assert not lost_comments(load, stack.python(ALL_COMMENTS))


def reload(stack):
    old = set(stack.workers())
    stack.site.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(stack.workers()) == 2 and not old & set(stack.workers()), seconds=60)


def test_workers_killed_during_posts_lose_nothing_that_was_answered(stack, address, log):
    """Posts to a killed worker get a 503, since nginx does not retry posts; they may or may not be stored."""
    with running_load(stack.url, address, readers=2, senders=3) as load:
        for _ in range(4):
            load.wait_for_posts(6)
            os.kill(stack.workers()[0], signal.SIGKILL)
        load.wait_for_posts(6)
    assert not lost_comments(load, stack.python(ALL_COMMENTS))
    assert not load.unexpected_pages
    assert set(load.post_statuses) <= {303, 503}
    assert "was sent SIGKILL" in log()


def test_each_worker_has_a_core_of_its_own_and_so_has_its_successor(stack):
    def cores():
        return sorted(core for pid in stack.workers() for core in os.sched_getaffinity(pid))

    two = sorted(os.sched_getaffinity(0))[:2]  # as many cores as workers, on any machine
    os.sched_setaffinity(stack.site.pid, two)
    reload(stack)
    both = sorted(islice(cycle(two), 2))
    wait_until(lambda: cores() == both)
    os.kill(stack.workers()[0], signal.SIGKILL)
    wait_until(lambda: len(stack.workers()) == 2 and cores() == both)


@pytest.mark.parametrize(("workers", "chosen"), [(8, [0, 1, 2, 3, 0, 1, 2, 3]), (4, [0, 1, 2, 3]), (2, [None, None])])
def test_fewer_workers_than_cores_leave_it_to_linux_where_they_run_as_another_gunicorn_has_them_too(
    monkeypatch, workers, chosen
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    pre_fork = runpy.run_path(str(REPOSITORY / "deploy/gunicorn.conf.py"))["pre_fork"]
    server = SimpleNamespace(WORKERS={}, num_workers=workers)
    for number in range(workers):
        worker = SimpleNamespace()
        pre_fork(server, worker)
        server.WORKERS[number] = worker
    assert [worker.core for worker in server.WORKERS.values()] == chosen


def test_there_are_as_many_workers_as_cores_that_it_may_use_also_where_an_empty_setting_is_passed_on(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {2, 5, 7})
    monkeypatch.setenv("WORKERS", "")
    monkeypatch.setenv("THREADS", "")
    configuration = runpy.run_path(str(REPOSITORY / "deploy/gunicorn.conf.py"))
    assert (configuration["workers"], configuration["threads"]) == (3, 3)


@pytest.mark.parametrize("fault", [errno.EPERM, errno.EINVAL, errno.ENOSYS])
def test_a_worker_that_gets_no_core_of_its_own_serves_on_any(monkeypatch, fault):
    """An exception at this place would end gunicorn altogether."""

    def refuse(*_given):
        raise OSError(fault, "")

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    runpy.run_path(str(REPOSITORY / "deploy/gunicorn.conf.py"))["post_fork"](None, SimpleNamespace(core=0))


def test_redis_away_makes_pages_slower_and_none_wrong(stack, address, log):
    reload(stack)
    with running_load(stack.url, address, readers=1, senders=2) as load:
        for _ in range(2):
            load.wait_for_posts(5)
            stack.redis.stop(signal.SIGKILL)
            load.wait_for_posts(8)
            latest = max(load.accepted)
            stack.python(
                f"from comments.models import Comment; from comments.moderation.decide import decide\n"
                f"from comments.statuses import Status; from django.contrib.auth.models import User\n"
                f"comment = Comment.objects.get(pk={latest})\n"
                f"editor = User.objects.get(username='editor')\n"
                f"if not comment.is_public(): decide(comment, Status.APPROVED, actor=editor)"
            )
            wait_until(lambda latest=latest: f'id="comment-{latest}"' in ask(stack.url, address).text, seconds=5)
            stack.redis.start()
    assert set(load.post_statuses) == {303}
    assert not load.unexpected_pages
    assert not load.failed_requests
    assert "Traceback" not in log()
    assert 1 <= log().count("Redis does not answer") <= 2 * 2  # once for each worker and outage


def test_a_redis_that_hangs_is_left_alone(stack, address):
    os.kill(stack.redis.pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        for _ in range(5):
            assert ask(stack.url, f"{address}yours/").status == 200
        assert time.monotonic() - begun < 6
    finally:
        os.kill(stack.redis.pid, signal.SIGCONT)
