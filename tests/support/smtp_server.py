"""Real mail servers on a free port: one that takes letters, one that refuses them, one that never answers."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from email import message_from_bytes, policy
import email.message
import socket

from aiosmtpd.controller import Controller


class MailServer:
    """`answers` gives, by address or by "DATA", what it says instead of 250."""

    def __init__(self, answers: dict[str, str] | None = None) -> None:
        self.answers = answers or {}
        self.received: list[tuple[str, email.message.EmailMessage]] = []
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.answers:
            return self.answers["DATA"]
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received += [(address, message) for address in envelope.rcpt_tos]
        return "250 OK"


@contextlib.contextmanager
def mail_server(answers: dict[str, str] | None = None) -> Iterator[MailServer]:
    handler = MailServer(answers)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        handler.port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


@contextlib.contextmanager
def hanging_server() -> Iterator[socket.socket]:
    """It takes connections and says nothing, ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener
