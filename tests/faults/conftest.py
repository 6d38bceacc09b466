"""Each fault is mended by the end of its test; what the site says meanwhile is in `said()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.asking import ask
from tests.stack import Stack, article_in, wait_until


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """The site is other processes, with caches of their own."""


@pytest.fixture
def address(stack: Stack) -> Iterator[str]:
    """Of an article of its own for each test, with a conversation."""
    yield article_in(stack)
    stack.wait_until_ready()
    wait_until(lambda: all(ask(stack.url, "/search/?q=again").status == 200 for _each in range(12)))  # of every worker


@pytest.fixture
def said(stack: Stack) -> Callable[[], str]:
    """What the application has logged since the test began."""
    before = len(stack.site.said())
    return lambda: stack.site.said()[before:]


@pytest.fixture
def _nothing_else_is_to_be_done(stack: Stack) -> None:
    """By the worker: the demo's pictures, and what other tests have left."""
    stack.python(
        "from django_tasks_db.models import DBTaskResult; from articles.models import Picture\n"
        "from comments.models import Letter\n"
        "DBTaskResult.objects.all().delete(); Picture.objects.update(due_at=None); Letter.objects.all().delete()"
    )
