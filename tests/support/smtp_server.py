"""SMTP servers on a free port: one that stores emails or rejects them as configured, and one that never replies."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from email import message_from_bytes, policy
import email.message
import socket

from aiosmtpd.controller import Controller


class MailServer:
    """SMTP handler; `replies` maps addresses, or "DATA", to the replies sent instead of 250."""

    def __init__(self, replies: dict[str, str] | None = None) -> None:
        self.replies = replies or {}
        self.received: list[tuple[str, email.message.EmailMessage]] = []
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.replies:
            return self.replies["DATA"]
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received += [(address, message) for address in envelope.rcpt_tos]
        return "250 OK"


@contextlib.contextmanager
def mail_server(replies: dict[str, str] | None = None) -> Iterator[MailServer]:
    server = MailServer(replies)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextlib.contextmanager
def unresponsive_server() -> Iterator[socket.socket]:
    """Run a server that accepts connections and never sends a byte."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener
