"""The processor time of everything that takes strangers' text grows no faster than the text, for any kind of text."""

from __future__ import annotations

from functools import partial
import re

import pytest

from tests.abuse import exemptions, inventory, scenarios
from tests.abuse.fuzz_targets import TARGETS
from tests.abuse.growth import (
    HUGE,
    LARGE,
    MIN_MEASURABLE_SECONDS,
    SMALL,
    Growth,
    growth,
    growth_of_pattern,
    seconds_for,
    without_garbage_collection,
)
from tests.abuse.hostile_text import KINDS

ALL_KINDS = list(KINDS)
NOTICEABLE = 3  # times the usual time
EVERY = 16  # in the short run, each scenario gets one in 16 kinds of text


@pytest.fixture(autouse=True)
def _undisturbed():
    with without_garbage_collection():
        yield


@pytest.fixture
def seed(db, settings):
    settings.COMMENT_MAX_LENGTH = HUGE
    return scenarios.SeedData.build()


def usual(run):
    """Seconds for a short text, with what a request costs whatever it says."""
    text = KINDS["words"](SMALL)
    run(text)
    return min(seconds_for(run, text) for _ in range(2))


def too_fast(found):
    return [each for each in found if each.is_superlinear]


@pytest.mark.parametrize("name", TARGETS)
def test_what_needs_no_database_is_linear(name):
    TARGETS[name]("fills the caches that are built once")
    assert too_fast(growth(TARGETS[name], kind) for kind in KINDS) == []


@pytest.mark.parametrize(("number", "name"), list(enumerate(scenarios.SCENARIOS)))
def test_what_needs_a_database_is_linear(seed, number, name):
    run = partial(scenarios.run, scenarios.SCENARIOS[name], seed)
    min_seconds = NOTICEABLE * usual(run)
    assert too_fast(growth(run, kind, min_seconds=min_seconds) for kind in ALL_KINDS[number % EVERY :: EVERY]) == []


@pytest.mark.parametrize("pattern", inventory.patterns(), ids=lambda pattern: pattern.name)
def test_every_pattern_is_linear(pattern):
    assert too_fast(growth_of_pattern(pattern, choices=1)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_what_needs_no_database_is_linear_for_long_text(name):
    TARGETS[name]("fills the caches that are built once")
    min_seconds, _reason = exemptions.SLOW_LIBRARIES.get(name, (MIN_MEASURABLE_SECONDS * HUGE / LARGE, ""))
    assert (
        too_fast(growth(TARGETS[name], kind, small=LARGE, large=HUGE, min_seconds=min_seconds) for kind in KINDS) == []
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_what_needs_a_database_is_linear_for_long_text(seed, name):
    run = partial(scenarios.run, scenarios.SCENARIOS[name], seed)
    min_seconds = NOTICEABLE * usual(run)
    assert too_fast(growth(run, kind, min_seconds=min_seconds) for kind in KINDS) == []
    assert too_fast(growth(run, kind, small=LARGE, large=HUGE, min_seconds=min_seconds) for kind in KINDS) == []


@pytest.mark.slow
@pytest.mark.parametrize("pattern", inventory.patterns(), ids=lambda pattern: pattern.name)
def test_every_pattern_is_linear_for_all_that_can_be_made_against_it(pattern):
    assert too_fast(growth_of_pattern(pattern, choices=3)) == []


def test_what_is_quadratic_is_found():
    assert growth(re.compile(r"\w+@").search, "a letter").is_superlinear
    assert not growth(re.compile(r"(?<!\w)\w+@").search, "a letter").is_superlinear
    assert not Growth("words", 1.0, 5.0).is_superlinear
