"""Fixtures of floods."""

import random

import pytest

from comments.submission import attack_mode


@pytest.fixture
def chance():
    return random.Random(7)


@pytest.fixture
def small(monkeypatch):
    """Limits by which a few posts are a flood."""
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 5)
    monkeypatch.setattr(attack_mode, "MIN_SITE_LIMIT", 10)
