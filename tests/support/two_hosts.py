"""Two hosts that share a primary, a replica and Redis."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
import itertools

import psycopg

from tests.support.full_stack import Stack, running_second_host, running_stack, wait_until
from tests.support.http_client import ask
from tests.support.postgres import PostgresServer

QUERIES_SINCE = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "AND query_start >= %s AND query NOT LIKE '%%_wal_%%'"  # the replica check
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Hosts:
    """Two hosts: `stack` is the first, with the shared servers; `other_url` is the URL of the second."""

    stack: Stack
    other_url: str

    @property
    def replica(self) -> PostgresServer:
        assert self.stack.replica
        return self.stack.replica

    def servers_queried(self, url: str) -> set[str]:
        """Request ten uncached pages; return which database servers were queried."""
        servers = {"primary": self.stack.database, "replica": self.replica}
        start_times = {name: query_value(server, "SELECT clock_timestamp()") for name, server in servers.items()}
        for _ in range(10):
            assert ask(url, f"/search/?q=word{next(_numbers)}").status == 200
        return {name for name, server in servers.items() if query_value(server, QUERIES_SINCE, start_times[name])}

    def wait_until_replica_is_used(self) -> None:
        """Wait until all workers of both hosts read from the replica."""
        wait_until(lambda: [self.servers_queried(url) for url in (self.stack.url, self.other_url)] == [{"replica"}] * 2)


def query_value(server: PostgresServer, statement: str, *values: object) -> object:
    """Return the first column of the first row; None without rows."""
    with psycopg.connect(host=str(server.home), user="postgres", autocommit=True) as connection:
        return (connection.execute(statement, values or None).fetchone() or [None])[0]


@contextlib.contextmanager
def running_hosts() -> Iterator[Hosts]:
    with running_stack(has_replica=True) as stack, running_second_host(stack) as other_url:
        yield Hosts(stack, other_url)
