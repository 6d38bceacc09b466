"""HTTP client that adds no headers of its own and can send from any loopback address."""

from __future__ import annotations

from dataclasses import dataclass
import http.client
from pathlib import Path
import socket
from urllib.parse import urlencode, urlsplit

FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def cache_status(self) -> str:
        return self.headers.get("X-Cache", "")


def ask(
    url: str,
    address: str = "/",
    *,
    method: str = "GET",
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
    sender: str = "127.0.0.1",
    seconds: float = 30,
) -> Response:
    """Send a request; `sender` is an address in 127.0.0.0/8, which counts as a separate client."""
    host = urlsplit(url)
    assert host.hostname
    connection = http.client.HTTPConnection(host.hostname, host.port, timeout=seconds, source_address=(sender, 0))
    try:
        connection.request(method, address, body, headers or {})
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())
    finally:
        connection.close()


def send(
    url: str, address: str, *, sender: str = "127.0.0.1", headers: dict[str, str] | None = None, **fields: str
) -> Response:
    return ask(url, address, method="POST", body=urlencode(fields), headers={**FORM, **(headers or {})}, sender=sender)


class UnixSocketConnection(http.client.HTTPConnection):
    """Connection to the Unix socket of gunicorn, without nginx."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))
