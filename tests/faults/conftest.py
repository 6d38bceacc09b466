"""Each fault is mended by the end of its test; what the site says meanwhile is in `said()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.stack import Stack, article_in


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """The site is other processes, with caches of their own."""


@pytest.fixture
def address(stack: Stack) -> Iterator[str]:
    """Of an article of its own for each test, with a conversation."""
    yield article_in(stack)
    stack.wait_until_ready()


@pytest.fixture
def said(stack: Stack) -> Callable[[], str]:
    """What the application has logged since the test began."""
    before = len(stack.site.said())
    return lambda: stack.site.said()[before:]
