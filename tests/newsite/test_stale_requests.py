from ipaddress import ip_network
import socket
import time

from django.http import HttpResponse
from django.test import RequestFactory
import pytest

from newsite.http import stale_requests
from newsite.http.stale_requests import MAX_WAIT_SECONDS, stale_request_middleware
from newsite.observability.metrics import metrics_registry
from tests.support.template_databases import REPOSITORY

DONE = HttpResponse("done")


@pytest.fixture(autouse=True)
def _behind_nginx(settings, monkeypatch):
    settings.TRUSTED_PROXIES = ["unix", ip_network("192.0.2.0/24"), ip_network("127.0.0.1")]
    monkeypatch.setattr(stale_requests._Log, "next_at", 0.0)


@pytest.fixture
def connection():
    """Return both ends of a connection: the application's and nginx's."""
    ours, its = socket.socketpair()
    with ours, its:
        yield ours, its


def answer(*, method="GET", waited=0.0, peer="", connection=None, data=None, start=None):
    headers = {"HTTP_X_REQUEST_START": start or f"{time.time() - waited:.3f}", "REMOTE_ADDR": peer}
    if connection:
        headers["gunicorn.socket"] = connection
    request = getattr(RequestFactory(), method.lower())("/2026/01/02/a/comments/", data, **headers)
    return stale_request_middleware(lambda _request: DONE)(request)


def dropped(cause):
    return metrics_registry().get_sample_value("newsite_dropped_requests_total", {"cause": cause}) or 0


def test_a_request_that_waited_too_long_is_not_worked_off():
    before = dropped("late")
    response = answer(waited=MAX_WAIT_SECONDS + 1)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert response["Cache-Control"] == "no-store"
    assert dropped("late") == before + 1


def test_what_a_late_form_holds_comes_back():
    response = answer(method="POST", waited=MAX_WAIT_SECONDS + 1, data={"comment": "I was there.", "name": "Ada"})
    assert response.status_code == 503
    assert "I was there.</textarea>" in response.text


@pytest.mark.parametrize(
    "request_",
    [
        {"waited": MAX_WAIT_SECONDS - 1},
        {"waited": -3600},  # the clock was set back
        {"start": "nonsense"},
        {"start": "nan"},
        {"waited": 60, "peer": "203.0.113.9"},  # not a trusted proxy
        {"waited": 60, "peer": "192.0.2.1"},  # a proxy on another host, with another clock
    ],
)
def test_any_other_is(request_):
    assert answer(**request_) is DONE


def test_a_proxy_on_this_host_is_believed_by_its_address_too():
    assert answer(waited=60, peer="127.0.0.1").status_code == 503


@pytest.mark.parametrize("peer", ["", "192.0.2.1"])
@pytest.mark.parametrize("unread", [b"", b"comment=the+body+of+a+form", b"GET / HTTP/1.1\r\n"])
def test_a_request_whose_client_has_gone_is_not_worked_off(connection, peer, unread):
    """Unread bytes do not hide a closed connection."""
    ours, its = connection
    its.sendall(unread)
    assert answer(connection=ours, peer=peer) is DONE
    its.close()
    before = dropped("abandoned")
    response = answer(connection=ours, peer=peer)
    assert (response.status_code, response.content) == (499, b"")
    assert dropped("abandoned") == before + 1


def test_by_tcp_as_well():
    with socket.create_server(("127.0.0.1", 0)) as server:
        its = socket.create_connection(server.getsockname())
        ours, _address = server.accept()
        with ours, its:
            assert answer(connection=ours) is DONE
            its.close()
            assert answer(connection=ours).status_code == 499


def test_who_is_no_proxy_may_close_its_side_and_wait(connection):
    """Some clients close their side of the connection after sending."""
    ours, its = connection
    its.shutdown(socket.SHUT_WR)
    assert answer(connection=ours, peer="203.0.113.9") is DONE


def test_a_connection_that_we_have_closed_is_over(connection):
    connection[0].close()
    assert answer(connection=connection[0]).status_code == 499


def test_the_log_says_so_once_a_minute(caplog):
    for _time in range(3):
        answer(waited=60)
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["1"]


def test_it_gives_up_before_nginx_does():
    seconds = (REPOSITORY / "deploy/nginx.conf").read_text().partition("proxy_read_timeout ")[2].partition("s;")[0]
    assert int(seconds) / 2 > MAX_WAIT_SECONDS
