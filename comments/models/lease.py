"""Leases on rows: a worker has them for a limited time, so another worker takes over the rows of a killed one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)


class LeaseQuerySet(models.QuerySet[Row]):
    """Queryset of a model with the column `lease_expires_at`."""

    def unleased(self, now: datetime) -> Self:
        return self.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lte=now))

    def take_lease(self, now: datetime, duration: timedelta, **changes: Any) -> datetime | None:
        """Take a lease on the rows that are free, and change them, in one statement.

        Return when the lease expires, or None if no row was free. That time identifies the lease.
        """
        expires_at = now + duration
        return expires_at if self.unleased(now).update(lease_expires_at=expires_at, **changes) else None

    def leased_until(self, expires_at: datetime | None) -> Self:
        """Return the rows of this lease that no other worker has taken over."""
        return self.filter(lease_expires_at=expires_at)

    def end_lease(self, expires_at: datetime | None, **changes: Any) -> int:
        """Change the rows of this lease and release them. Return how many were not taken over by another worker."""
        return self.leased_until(expires_at).update(lease_expires_at=None, **changes)
