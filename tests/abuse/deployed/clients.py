"""Clients of the web server, run in a network namespace: python clients.py WHAT NUMBER ADDRESS...

`hold` opens connections with half a header and keeps them until stdin ends; `read` asks for pages; `send` sends forms.
"""

from __future__ import annotations

import http.client
from itertools import cycle, islice
import resource
import socket
import sys

SERVER = {False: "10.77.0.1", True: "fd77::1"}
HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
FORM = {"Host": "127.0.0.1", "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def hold(number: int, senders: list[str]) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kept = []
    for sender in islice(cycle(senders), number):
        try:
            connection = socket.create_connection((SERVER[":" in sender], 80), 5, source_address=(sender, 0))
            connection.sendall(HALF)
        except OSError:  # refused
            continue
        kept.append(connection)
    print(len(kept), flush=True)
    sys.stdin.read()


def status(sender: str, method: str, path: str, body: str | None = None) -> int:
    connection = http.client.HTTPConnection(SERVER[":" in sender], 80, timeout=10, source_address=(sender, 0))
    try:
        connection.request(method, path, body, FORM)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def main(what: str, number: str, *addresses: str) -> None:
    if what == "hold":
        hold(int(number), list(addresses))
    elif what == "read":
        (sender,) = addresses
        print(*[status(sender, "GET", "/") for _time in range(int(number))])
    else:
        senders = list(islice(cycle(addresses), int(number)))
        print(*[status(each, "POST", "/comments/1/report/", "note=x") for each in senders])


if __name__ == "__main__":
    main(*sys.argv[1:])
