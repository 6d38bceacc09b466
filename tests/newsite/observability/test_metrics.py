"""Metrics: who may request them, and their values."""

from ipaddress import ip_network
import os
from pathlib import Path
import re
import runpy
import subprocess
import sys
from types import SimpleNamespace

from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError
from django.test import Client
import pytest

from comments.models import Conversation, Notification
from comments.statuses import Status
from newsite.observability import gauges, metrics
from newsite.observability.middleware import request_metrics_middleware
from tests.conftest import make_comment, send
from tests.support.notifications import create_subscription

pytestmark = pytest.mark.django_db

TOKEN = "a token that is long enough"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _of_this_test(settings):
    settings.METRICS_TOKEN = TOKEN
    forget_counts()
    yield
    forget_counts()


def forget_counts():
    for metric in metrics.METRICS:
        metric.clear()


def numbers():
    """Return the values of /metrics by name and labels."""
    response = Client().get("/metrics", headers=WITH_TOKEN)
    assert response.status_code == 200
    lines = [line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#")]
    return {name: float(number) for name, number in lines}


@pytest.mark.parametrize(
    ("headers", "allowed", "peer", "status"),
    [
        ({}, [], "127.0.0.1", 404),
        (WITH_TOKEN, [], "203.0.113.1", 200),
        ({"Authorization": "Bearer wrong"}, [], "127.0.0.1", 404),
        ({"Authorization": TOKEN}, [], "127.0.0.1", 404),
        ({}, ["10.0.0.0/8"], "10.1.2.3", 200),
        ({}, ["10.0.0.0/8"], "11.1.2.3", 404),
        ({}, ["unix"], "", 200),
        ({}, ["unix"], "127.0.0.1", 404),
        ({"X-Forwarded-For": "203.0.113.1"}, ["unix"], "", 404),  # by nginx, and TRUSTED_PROXIES was forgotten
        ({}, ["10.0.0.0/8"], "", 404),
    ],
)
def test_it_is_there_for_whom_it_is_meant_alone(settings, headers, allowed, peer, status):
    settings.METRICS_ALLOWED = [name if name == "unix" else ip_network(name) for name in allowed]
    assert Client(headers=headers, REMOTE_ADDR=peer).get("/metrics").status_code == status


def test_without_a_token_no_empty_one_opens_it(settings):
    settings.METRICS_TOKEN = ""
    assert Client(headers={"Authorization": "Bearer "}).get("/metrics").status_code == 404


def test_where_nobody_may_see_it_nothing_is_done_for_it(settings):
    settings.METRICS_TOKEN = ""
    with pytest.raises(MiddlewareNotUsed):
        request_metrics_middleware(lambda request: None)


def test_requests_are_counted_by_view_and_status_with_their_queries(article, client, django_assert_num_queries):
    client.get(article.get_absolute_url())
    client.get("/nothing/of/the/kind.php")
    client.get("/admin/")
    found = numbers()
    assert found['newsite_requests_total{status="200",view="article"}'] == 1
    assert found['newsite_requests_total{status="404",view="none"}'] == 1
    assert found['newsite_requests_total{status="302",view="admin"}'] == 1
    assert found['newsite_queries_total{view="article"}'] > 1
    assert not any("kind.php" in line or str(article.slug) in line for line in found)


def test_durations_are_a_histogram(client):
    client.get("/healthz")
    for seconds in (0.004, 0.005, 0.3, 60):
        metrics.count_request("made up", 200, seconds, 0)
    found = numbers()
    labels = [*map(str, metrics.BUCKET_BOUNDS_SECONDS), "+Inf"]
    buckets = [found[f'newsite_request_seconds_bucket{{le="{le}",view="made up"}}'] for le in labels]
    assert buckets == [2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4]
    assert found['newsite_request_seconds_count{view="made up"}'] == 4
    assert found['newsite_request_seconds_sum{view="made up"}'] == 60.309
    assert found['newsite_request_seconds_count{view="healthz"}'] == 1


def test_stored_pages_are_hits_or_misses(article, client):
    for _ in range(3):
        client.get(article.get_absolute_url())
    found = numbers()
    assert found['newsite_page_cache_lookups_total{result="miss"}'] == 1
    assert found['newsite_page_cache_lookups_total{result="hit"}'] == 2


def test_comments_are_counted_by_what_became_of_them(article, client):
    send(client, article)
    Conversation.objects.update(policy="closed")
    send(client, article, comment="Another one.")
    make_comment(article, text="Not sent by anybody.")
    found = numbers()
    sent = {line: number for line, number in found.items() if line.startswith("newsite_comments_total")}
    assert sent == {
        'newsite_comments_total{outcome="pending"}': 1,
        'newsite_comments_total{outcome="refused"}': 1,
    }


def test_what_waits_is_told_with_its_age(article):
    make_comment(article, status=Status.PENDING)
    make_comment(article, status=Status.PENDING)
    Notification.objects.create(kind="confirm", subscription=create_subscription("adas", confirmed_at=None))
    found = numbers()
    assert found["newsite_waiting_comments"] == 2
    assert 0 < found["newsite_waiting_comments_oldest_seconds"] < 60
    assert found["newsite_waiting_notifications"] == 1
    assert found["newsite_waiting_tasks"] == 0
    assert found["newsite_waiting_jobs_oldest_seconds"] == 0
    assert found["newsite_database_up"] == 1


def test_without_the_database_it_says_what_it_knows(monkeypatch, client):
    def away():
        raise OperationalError

    monkeypatch.setattr(gauges, "pending_work", away)
    client.get("/healthz")
    found = numbers()
    assert found["newsite_database_up"] == 0
    assert found['newsite_requests_total{status="200",view="healthz"}'] == 1


def test_each_line_is_as_prometheus_reads_it(article, client):
    client.get(article.get_absolute_url())
    response = client.get("/metrics", headers=WITH_TOKEN)
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    comment = re.compile(r"# (HELP|TYPE) [a-z_]+ .+")
    for line in response.text.splitlines():
        assert sample.fullmatch(line) or comment.fullmatch(line), line
    assert response.text.endswith("\n")


# --- Several workers ----------------------------------------------------------------------------------------------

CONFIGURATION = Path(__file__).parents[3] / "deploy/gunicorn.conf.py"
COUNTS = """
import os, runpy, shutil, sys
from types import SimpleNamespace
hooks = runpy.run_path(sys.argv[1])
server = SimpleNamespace(WORKERS={}, num_workers=1)
hooks["on_starting"](server)


def run_worker(job):
    worker = SimpleNamespace()
    hooks["pre_fork"](server, worker)
    child = os.fork()
    if child == 0:
        hooks["post_fork"](server, worker)
        from newsite.observability import metrics
        job(metrics)
        os._exit(0)
    server.WORKERS[child] = worker
    return child


def end(child):
    assert os.waitpid(child, 0)[1] == 0
    del server.WORKERS[child]


def count(metrics):
    metrics.count_request("article", 200, 0.3, 7)


def show(metrics):
    from prometheus_client import generate_latest
    print(generate_latest(metrics.metrics_registry()).decode(), flush=True)


folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
for child in [run_worker(count), run_worker(count)]:
    end(child)
for _ in range(5):
    end(run_worker(count))
end(run_worker(show))
print(*sorted(os.listdir(folder)))
shutil.rmtree(folder)
end(run_worker(count))
end(run_worker(show))
hooks["on_exit"](server)
print("left" if os.path.exists(folder) else "deleted")
"""


def test_what_other_workers_counted_is_added_and_kept_when_they_are_gone():
    """Later workers continue the files of earlier ones."""
    command = [sys.executable, "-c", COUNTS, str(CONFIGURATION)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert 'newsite_requests_total{status="200",view="article"} 7.0' in told
    assert 'newsite_queries_total{view="article"} 49.0' in told
    assert 'newsite_request_seconds_bucket{le="0.5",view="article"} 7.0' in told
    assert "counter_1.db counter_2.db histogram_1.db histogram_2.db" in told
    assert told.count('newsite_requests_total{status="200",view="article"} 1.0') == 1  # the folder had been deleted
    assert told[-1] == "deleted"


@pytest.fixture
def hooks(tmp_path):
    """Return the hooks of the configuration of gunicorn, with another folder for metrics in memory."""
    functions = runpy.run_path(str(CONFIGURATION))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # so that it is unset again at the end
        patched.delenv("PROMETHEUS_MULTIPROC_DIR")
        patched.setitem(functions["on_starting"].__globals__, "worker_tmp_dir", str(tmp_path))
        yield SimpleNamespace(**functions)


def test_folders_of_servers_that_are_gone_are_cleared_away(tmp_path, hooks):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, used = tmp_path / f"newsite-metrics-{gone.pid}-abc", tmp_path / f"newsite-metrics-{os.getppid()}-abc"
    left.mkdir()
    used.mkdir()
    hooks.on_starting(None)
    assert not left.exists()
    assert used.exists()


def test_only_the_user_of_the_server_opens_its_folder(hooks):
    hooks.on_starting(None)
    assert Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).stat().st_mode & 0o777 == 0o700
