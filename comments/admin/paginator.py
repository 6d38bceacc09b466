"""Pages of a long list without counting all of it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property

MAX_ROWS_COUNTED = 5_000


class CappedPaginator(Paginator):
    """Counts no further than CAP rows; what lies behind them is found by filters and search."""

    object_list: QuerySet[Model]

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MAX_ROWS_COUNTED].count()
