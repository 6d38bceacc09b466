"""Two hosts before one primary, one replica and one Redis."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
import itertools

import psycopg

from tests.support.full_stack import Stack, another_host, running_stack, wait_until
from tests.support.http_client import ask
from tests.support.postgres import Cluster

ASKED_SINCE = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "AND query_start >= %s AND query NOT LIKE '%%_wal_%%'"  # the watchers' look
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Hosts:
    """`stack` is the first of them, with all that they share; `other` is the address of the second."""

    stack: Stack
    other: str

    @property
    def replica(self) -> Cluster:
        assert self.stack.replica
        return self.stack.replica

    def read_from(self, url: str) -> set[str]:
        """Of ten pages that no cache has: which servers were asked for them."""
        servers = {"primary": self.stack.database, "replica": self.replica}
        since = {name: told_by(server, "SELECT clock_timestamp()") for name, server in servers.items()}
        for _ in range(10):
            assert ask(url, f"/search/?q=word{next(_numbers)}").status == 200
        return {name for name, server in servers.items() if told_by(server, ASKED_SINCE, since[name])}

    def wait_until_read(self) -> None:
        """By every worker of both."""
        wait_until(lambda: [self.read_from(url) for url in (self.stack.url, self.other)] == [{"replica"}] * 2)


def told_by(server: Cluster, statement: str, *values: object) -> object:
    with psycopg.connect(host=str(server.home), user="postgres", autocommit=True) as connection:
        return (connection.execute(statement, values or None).fetchone() or [None])[0]


@contextlib.contextmanager
def running_hosts() -> Iterator[Hosts]:
    with running_stack(has_replica=True) as stack, another_host(stack) as other:
        yield Hosts(stack, other)
