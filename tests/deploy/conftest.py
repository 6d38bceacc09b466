"""Tests that look at the running parts from outside."""

from __future__ import annotations

import pytest

from tests.support.full_stack import Stack, article_in


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """The site is other processes, with caches of their own."""


@pytest.fixture
def address(stack: Stack) -> str:
    """Of an article of its own for each test, with a conversation."""
    return article_in(stack)
