"""Fixtures for tests of the complete stack."""

from __future__ import annotations

import pytest

from tests.support.full_stack import Stack, create_article


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """Override the fixture: the site runs in other processes with their own caches."""


@pytest.fixture
def address(stack: Stack) -> str:
    """Create an article with a comment for the test and return its path."""
    return create_article(stack)
