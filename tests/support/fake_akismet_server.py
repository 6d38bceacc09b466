"""Fake Akismet server on a free port, with configurable responses; it rejects forms without the required fields."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import threading
from urllib.parse import parse_qs

REQUIRED_BY_OPERATION = {"verify-key": ["key", "blog"]}
REQUIRED_OF_COMMENTS = ["api_key", "blog", "user_ip"]


@dataclass(slots=True)
class FakeAkismet:
    """Fake server and the requests it got.

    `verdict` is the response to comment checks, `feedback_response` to corrections. A `status` of 0 closes the
    connection without a response. With `stop_dripping`, the server sends one byte at a time until the event is set.
    """

    verdict: str = "false"
    feedback_response: str = "Thanks for making the web a better place."
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stop_dripping: threading.Event | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    @property
    def forms(self) -> list[dict[str, str]]:
        return [form for _operation, form in self.requests]

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _form in self.requests]


@contextlib.contextmanager
def running_fake_akismet() -> Iterator[FakeAkismet]:
    akismet = FakeAkismet()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
            akismet.requests.append((self.path, form))
            if akismet.status == 0:
                return
            if akismet.stop_dripping:
                self.drip()
                return
            content = self.response_text(form).encode()
            self.send_response(akismet.status)
            for name, value in {"Content-Length": str(len(content)), **akismet.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def response_text(self, form):
            operation = self.path.removeprefix("/1.1/")
            for name in REQUIRED_BY_OPERATION.get(operation, REQUIRED_OF_COMMENTS):
                if not form.get(name):
                    return f"Missing required field: {name}."
            return akismet.verdict if operation == "comment-check" else akismet.feedback_response

        def drip(self):
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.0 200 ")
                while not akismet.stop_dripping.wait(0.05):
                    self.wfile.write(b"O")

        def log_message(self, *_args):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # the client closed the connection

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        akismet.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield akismet
        finally:
            if akismet.stop_dripping:
                akismet.stop_dripping.set()
            server.shutdown()
            thread.join()
