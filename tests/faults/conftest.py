"""Each fault is mended by the end of its test; what the site says meanwhile is in `said()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import time

import pytest

from newsite.db.outage import RETRY_INTERVAL_SECONDS
from tests.support.full_stack import Stack, article_in


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """The site is other processes, with caches of their own."""


@pytest.fixture
def address(stack: Stack) -> Iterator[str]:
    """Of an article of its own for each test, with a conversation. Afterwards every worker asks the database again: for
    PAUSE seconds after it has found it away it asks nothing.
    """
    before = len(stack.site.said())
    yield article_in(stack)
    stack.wait_until_ready()
    if "The database does not answer" in stack.site.said()[before:]:
        time.sleep(RETRY_INTERVAL_SECONDS)


@pytest.fixture
def said(stack: Stack) -> Callable[[], str]:
    """What the application has logged since the test began."""
    before = len(stack.site.said())
    return lambda: stack.site.said()[before:]


@pytest.fixture
def _nothing_else_is_to_be_done(stack: Stack) -> None:
    """By the worker: the demo's pictures, and what other tests have left."""
    stack.python(
        "from django_tasks_db.models import DBTaskResult; from articles.models import Image\n"
        "from comments.models import Notification\n"
        "DBTaskResult.objects.all().delete(); Image.objects.update(due_at=None); Notification.objects.all().delete()"
    )
