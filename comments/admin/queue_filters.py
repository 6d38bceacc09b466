"""Template context of the queue's filters: the form, the active filters and links that keep them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.http import urlencode

from comments.queue.queues import Queue
from comments.queue.selection import QueueQuery


def filters_context(selection: QueueQuery) -> dict[str, Any]:
    """Return the context. Query strings have no question mark.

    `kept` is the query string for another queue. Each chip has the query string without its filter.
    """
    filters, queue = selection.filters, {"queue": str(selection.queue.value)}
    given = queue | {name: value for name, value in filters.submitted_values.items() if name != "article"}
    return {
        "filters": filters,
        "all_queues": Queue.ALL,
        "order": selection.order,
        "orders": [(order, replace(selection, order=order).query) for order in selection.orders],
        "filter_query": urlencode(filters.query),
        "chips": [(label, value, urlencode({**queue, **rest})) for label, value, rest in filters.chips()],
        "articles": [(each, urlencode({**given, "article": str(each.pk)})) for each in filters.articles],
    }
