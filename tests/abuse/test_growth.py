"""The processor time of everything that takes strangers' text grows no faster than the text, for any kind of text."""

from __future__ import annotations

from functools import partial
import re

import pytest

from tests.abuse import exemptions, inventory, scenarios
from tests.abuse.fuzz_targets import DRIVES
from tests.abuse.growth import FLOOR, HUGE, LARGE, SMALL, Growth, growth, growth_of_pattern, seconds_for, undisturbed
from tests.abuse.hostile_text import KINDS

ALL_KINDS = list(KINDS)
NOTICEABLE = 3  # times the usual time
EVERY = 16  # of the kinds, those that a drive with a database is given in the short run


@pytest.fixture(autouse=True)
def _undisturbed():
    with undisturbed():
        yield


@pytest.fixture
def built(db, settings):
    settings.COMMENT_MAX_LENGTH = HUGE
    return scenarios.Stage.build()


def usual(run):
    """Seconds for a short text, with what a request costs whatever it says."""
    text = KINDS["words"](SMALL)
    run(text)
    return min(seconds_for(run, text) for _ in range(2))


def too_fast(found):
    return [each for each in found if each.is_too_fast]


@pytest.mark.parametrize("name", DRIVES)
def test_what_needs_no_database_is_linear(name):
    DRIVES[name]("what is made once is made now")
    assert too_fast(growth(DRIVES[name], kind) for kind in KINDS) == []


@pytest.mark.parametrize(("number", "name"), list(enumerate(scenarios.DRIVES)))
def test_what_needs_a_database_is_linear(built, number, name):
    run = partial(scenarios.run, scenarios.DRIVES[name], built)
    floor = NOTICEABLE * usual(run)
    assert too_fast(growth(run, kind, floor=floor) for kind in ALL_KINDS[number % EVERY :: EVERY]) == []


@pytest.mark.parametrize("pattern", inventory.patterns(), ids=lambda pattern: pattern.name)
def test_every_pattern_is_linear(pattern):
    assert too_fast(growth_of_pattern(pattern, choices=1)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", DRIVES)
def test_what_needs_no_database_is_linear_for_long_text(name):
    DRIVES[name]("what is made once is made now")
    floor, _reason = exemptions.SLOW_LIBRARIES.get(name, (FLOOR * HUGE / LARGE, ""))
    assert too_fast(growth(DRIVES[name], kind, small=LARGE, large=HUGE, floor=floor) for kind in KINDS) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", scenarios.DRIVES)
def test_what_needs_a_database_is_linear_for_long_text(built, name):
    run = partial(scenarios.run, scenarios.DRIVES[name], built)
    floor = NOTICEABLE * usual(run)
    assert too_fast(growth(run, kind, floor=floor) for kind in KINDS) == []
    assert too_fast(growth(run, kind, small=LARGE, large=HUGE, floor=floor) for kind in KINDS) == []


@pytest.mark.slow
@pytest.mark.parametrize("pattern", inventory.patterns(), ids=lambda pattern: pattern.name)
def test_every_pattern_is_linear_for_all_that_can_be_made_against_it(pattern):
    assert too_fast(growth_of_pattern(pattern, choices=3)) == []


def test_what_is_quadratic_is_found():
    assert growth(re.compile(r"\w+@").search, "a letter").is_too_fast
    assert not growth(re.compile(r"(?<!\w)\w+@").search, "a letter").is_too_fast
    assert not Growth("words", 1.0, 5.0).is_too_fast
