"""A real Akismet on a free port: it takes forms and answers as it is told, unless something required is missing."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import threading
from urllib.parse import parse_qs

REQUIRED = {"verify-key": ["key", "blog"]}
OF_A_COMMENT = ["api_key", "blog", "user_ip"]


@dataclass
class AkismetServer:
    """`says` answers questions, `thanks` corrections. A status of 0 cuts it off; `drips` sends a byte now and then."""

    says: str = "false"
    thanks: str = "Thanks for making the web a better place."
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drips: threading.Event | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    @property
    def forms(self) -> list[dict[str, str]]:
        return [form for _operation, form in self.asked]

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _form in self.asked]


@contextlib.contextmanager
def akismet_server() -> Iterator[AkismetServer]:
    akismet = AkismetServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
            akismet.asked.append((self.path, form))
            if akismet.status == 0:  # cut off
                return
            if akismet.drips:
                self.drip()
                return
            said = self.said(form).encode()
            self.send_response(akismet.status)
            for name, value in {"Content-Length": str(len(said)), **akismet.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def said(self, form):
            operation = self.path.removeprefix("/1.1/")
            for name in REQUIRED.get(operation, OF_A_COMMENT):
                if not form.get(name):
                    return f"Missing required field: {name}."
            return akismet.says if operation == "comment-check" else akismet.thanks

        def drip(self):
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.0 200 ")
                while not akismet.drips.wait(0.05):
                    self.wfile.write(b"O")

        def log_message(self, *_args):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # whoever asked went away

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        akismet.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield akismet
        finally:
            if akismet.drips:
                akismet.drips.set()
            server.shutdown()
            thread.join()
