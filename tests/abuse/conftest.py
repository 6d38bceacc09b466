"""Fixtures for floods of comments."""

import random

import pytest

from comments.submission import attack_mode


@pytest.fixture
def rng():
    return random.Random(7)


@pytest.fixture
def low_attack_limits(monkeypatch):
    """Lower the limits of attack mode, so that a few posts are a flood."""
    monkeypatch.setattr(attack_mode, "MIN_ARTICLE_LIMIT", 5)
    monkeypatch.setattr(attack_mode, "MIN_SITE_LIMIT", 10)
