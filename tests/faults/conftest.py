"""Fixtures for fault injection. Each test repairs its fault; `log()` returns what the site logged meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import time

import pytest

from newsite.db.outage import RETRY_INTERVAL_SECONDS
from tests.support.full_stack import Stack, create_article


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """Override the fixture: the site runs in other processes with their own caches."""


@pytest.fixture
def address(stack: Stack) -> Iterator[str]:
    """Create an article with a comment for the test and return its path.

    After an outage of the database, wait until every worker connects again, which takes RETRY_INTERVAL_SECONDS.
    """
    before = len(stack.site.log_text())
    yield create_article(stack)
    stack.wait_until_ready()
    if "The database does not answer" in stack.site.log_text()[before:]:
        time.sleep(RETRY_INTERVAL_SECONDS)


@pytest.fixture
def log(stack: Stack) -> Callable[[], str]:
    """Return a function that returns the log of the application since the start of the test."""
    before = len(stack.site.log_text())
    return lambda: stack.site.log_text()[before:]


@pytest.fixture
def _idle_worker(stack: Stack) -> None:
    """Delete all pending work: the images of the demo and what earlier tests have left."""
    stack.python(
        "from django_tasks_db.models import DBTaskResult; from articles.models import Image\n"
        "from comments.models import Notification\n"
        "DBTaskResult.objects.all().delete(); Image.objects.update(due_at=None); Notification.objects.all().delete()"
    )
