"""/metrics: who may see it, and what it says."""

from ipaddress import ip_network
import json
import os
import re
import subprocess
import sys

from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError
from django.test import Client
import pytest

from comments.models import Conversation, Notification
from comments.statuses import Status
from newsite.observability import counters, sharing, views
from newsite.observability.middleware import request_metrics_middleware
from tests.conftest import make_comment, send
from tests.support.notifications import subscribed

pytestmark = pytest.mark.django_db

TOKEN = "a token that is long enough"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _of_this_test(settings, tmp_path, monkeypatch):
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(sharing, "_shared", [])
    counters.reset_after_fork()
    yield
    sharing._shared.clear()
    counters.reset_after_fork()


def numbers():
    """By its line of the page."""
    response = Client().get("/metrics", headers=WITH_TOKEN)
    assert response.status_code == 200
    return dict(line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#"))


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
    assert found['newsite_requests_total{view="article",status="200"}'] == "1"
    assert found['newsite_requests_total{view="none",status="404"}'] == "1"
    assert found['newsite_requests_total{view="admin",status="302"}'] == "1"
    assert int(found['newsite_queries_total{view="article"}']) > 1
    assert not any("kind.php" in line or str(article.slug) in line for line in found)


def test_durations_are_a_histogram(client):
    client.get("/healthz")
    for seconds in (0.004, 0.005, 0.3, 60):
        counters.count_request("made up", 200, seconds, 0)
    found = numbers()
    buckets = [found[f'newsite_request_seconds_bucket{{view="made up",le="{le}"}}'] for le in counters.BUCKET_LABELS]
    assert buckets == ["2", "2", "2", "2", "2", "2", "3", "3", "3", "3", "4"]
    assert found['newsite_request_seconds_count{view="made up"}'] == "4"
    assert found['newsite_request_seconds_sum{view="made up"}'] == "60.309"
    assert found['newsite_request_seconds_count{view="healthz"}'] == "1"


def test_stored_pages_are_hits_or_misses(article, client):
    for _ in range(3):
        client.get(article.get_absolute_url())
    found = numbers()
    assert found['newsite_stored_page_lookups_total{result="miss"}'] == "1"
    assert found['newsite_stored_page_lookups_total{result="hit"}'] == "2"


def test_comments_are_counted_by_what_became_of_them(article, client):
    send(client, article)
    Conversation.objects.update(policy="closed")
    send(client, article, comment="Another one.")
    make_comment(article, text="Not sent by anybody.")
    found = numbers()
    sent = {line: number for line, number in found.items() if line.startswith("newsite_comments_total")}
    assert sent == {
        'newsite_comments_total{outcome="pending"}': "1",
        'newsite_comments_total{outcome="refused"}': "1",
    }


def test_what_waits_is_told_with_its_age(article):
    make_comment(article, status=Status.PENDING)
    make_comment(article, status=Status.PENDING)
    Notification.objects.create(kind="confirm", subscription=subscribed("adas", confirmed_at=None))
    found = numbers()
    assert found["newsite_waiting_comments"] == "2"
    assert 0 < float(found["newsite_waiting_comments_oldest_seconds"]) < 60
    assert found["newsite_waiting_letters"] == "1"
    assert found["newsite_waiting_tasks"] == "0"
    assert found["newsite_waiting_jobs_oldest_seconds"] == "0"
    assert found["newsite_database_up"] == "1"


def test_without_the_database_it_says_what_it_knows(monkeypatch, client):
    def away():
        raise OperationalError

    monkeypatch.setattr(views, "gauges", away)
    client.get("/healthz")
    found = numbers()
    assert found["newsite_database_up"] == "0"
    assert found['newsite_requests_total{view="healthz",status="200"}'] == "1"


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


def of_another(name, number, folder):
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / name).write_text(json.dumps([["newsite_comments_total", ["held"], number]]))


def test_what_other_workers_counted_is_added_and_kept_when_they_are_gone():
    counters.count(counters.COMMENTS, "held")
    shared = sharing.start_sharing()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    of_another(f"{os.getppid()}.1", 10, shared.folder)
    of_another(f"{gone.pid}.1", 100, shared.folder)
    of_another(f"{gone.pid}.2", 1000, shared.folder)
    key = (counters.COMMENTS, ("held",))
    assert [sharing.total_counts()[key] for _ in range(3)] == [1111, 1111, 1111]
    assert sorted(path.name for path in shared.folder.iterdir()) == [f"{os.getppid()}.1", "gone", "lock"]
    for number in range(3, 13):  # in whatever order the folder names them
        of_another(f"{gone.pid}.{number}", 1, shared.folder)
        assert sharing.total_counts()[key] == 1111 + number - 2


def test_what_is_written_halfway_is_left_out():
    shared = sharing.start_sharing()
    (shared.folder / f"{os.getppid()}.1").write_text('[["newsite_comm')
    assert sharing.total_counts() == counters.current_counts()


def test_what_this_one_counts_is_written_for_others():
    counters.count(counters.COMMENTS, "held")
    shared = sharing.start_sharing()
    shared.write()
    assert json.loads(shared.file.read_text()) == [["newsite_comments_total", ["held"], 1]]


def test_a_folder_that_somebody_else_has_made_is_not_used(tmp_path, caplog):
    folder = tmp_path / f"newsite-metrics-{os.getuid()}-{os.getppid()}"
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    counters.count(counters.COMMENTS, "held")
    for _ in range(3):
        assert sharing.start_sharing() is None
    assert caplog.text.count("other users can access") == 1
    assert sharing.total_counts() == counters.current_counts()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_folders_of_servers_that_are_gone_are_cleared_away(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"newsite-metrics-{os.getuid()}-{gone.pid}"
    left.mkdir()
    sharing.start_sharing()
    assert not left.exists()


def test_a_forked_process_counts_from_its_own_beginning():
    counters.count(counters.COMMENTS, "held")
    child = os.fork()
    if child == 0:
        os._exit(len(counters.current_counts()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert counters.current_counts()
