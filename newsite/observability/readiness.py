"""Migrations that this release needs and the database lacks."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def unapplied_migrations() -> list[str]:
    """Return missing migrations, in one query. A release older than the database misses none."""
    return sorted(
        required_migrations() - {".".join(each) for each in MigrationRecorder(connection).applied_migrations()}
    )


@cache
def required_migrations() -> frozenset[str]:
    """Read the migrations from disk, once per process."""
    return frozenset(".".join(each) for each in MigrationLoader(None).graph.nodes)
