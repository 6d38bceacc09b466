"""Log lines of gunicorn itself: same format as those of the site, without data of clients."""

import json
import runpy
import signal
import socket
import sys

import pytest

from tests.support.full_stack import Service, wait_until
from tests.support.http_client import UnixSocketConnection
from tests.support.live_site import REPOSITORY

CONFIGURATION = REPOSITORY / "deploy/gunicorn.conf.py"


@pytest.fixture
def site(stack):
    """Run a second gunicorn with LOG_FORMAT=json."""
    path = stack.folder / "json.sock"
    environment = {**stack.environment, "BIND": f"unix:{path}", "LOG_FORMAT": "json", "WORKERS": "1"}
    part = Service("json", stack.site.command, stack.folder, environment)
    part.start()
    try:
        wait_until(path.exists)
        yield part, path
    finally:
        part.stop()


def send_raw(path, line):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(line)
        return connection.recv(100)


def test_every_line_of_its_life_is_an_object(site):
    part, path = site
    connection = UnixSocketConnection(path)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    assert send_raw(path, b"GET /search/?q=secretly\xff HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400")
    part.process.send_signal(signal.SIGHUP)
    wait_until(lambda: part.log_text().count("Booting worker") == 2)
    connection.close()
    part.process.send_signal(signal.SIGTERM)
    part.process.wait(40)
    part.process = None
    lines = [json.loads(line) for line in part.log_text().splitlines()]
    messages = [line["message"] for line in lines]
    assert {"request", "Hang up: Master", "Shutting down: Master"} <= set(messages)
    assert "Invalid request: Invalid HTTP request line: …" in messages
    assert "secretly" not in part.log_text()


def test_whoever_begins_workers_has_imported_nothing_of_the_site(monkeypatch):
    """Keep the master process clean: it survives reloads, and new workers would inherit old modules."""
    of_others = {name: module for name, module in sys.modules.items() if not name.startswith("newsite")}
    monkeypatch.setattr(sys, "modules", of_others)
    runpy.run_path(str(CONFIGURATION))
    assert [name for name in sys.modules if name.startswith("newsite")] == []
