"""Which migrations this code needs that the database does not have."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def unapplied_migrations() -> list[str]:
    """One query. Code that is older than the database lacks none."""
    return sorted(
        required_migrations() - {".".join(each) for each in MigrationRecorder(connection).applied_migrations()}
    )


@cache
def required_migrations() -> frozenset[str]:
    """Read from the disk once: this process will not have others."""
    return frozenset(".".join(each) for each in MigrationLoader(None).graph.nodes)
