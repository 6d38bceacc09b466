"""Paginator that does not count a whole table."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property

MAX_ROWS_COUNTED = 5_000


class CappedPaginator(Paginator):
    """Paginator that counts at most MAX_ROWS_COUNTED rows. Later rows are found with filters and search."""

    object_list: QuerySet[Model]

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MAX_ROWS_COUNTED].count()
