"""Inventory check: all functions that take untrusted text have a fuzz target, or are listed with a reason."""

import pytest

from tests.abuse import exemptions, fuzz_targets, inventory, scenarios
from tests.abuse.growth import clear_all_caches
from tests.abuse.hostile_text import KINDS

SHORT = 300  # characters, under a profiler
SOME_KINDS = [*list(KINDS)[::12], "words", "a mixture"]
FEW_KINDS = ["words", "a mixture"]  # where each takes a whole request


@pytest.fixture(scope="module")
def pure_locations():
    """Return the locations that the targets without a database reach."""
    clear_all_caches()
    with inventory.CallRecorder() as reached:
        for kind in SOME_KINDS:
            text = KINDS[kind](SHORT)
            for run in fuzz_targets.TARGETS.values():
                run(text)
    return reached.locations


@pytest.fixture
def locations(db, pure_locations):
    clear_all_caches()
    seed = scenarios.SeedData.build()
    with inventory.CallRecorder() as reached:
        for kind in FEW_KINDS:
            for run in scenarios.SCENARIOS.values():
                scenarios.run(run, seed, KINDS[kind](SHORT))
    return pure_locations | reached.locations


def test_every_function_that_is_given_text_is_driven_or_listed_with_a_reason(locations):
    functions = inventory.functions()
    missed = [function.name for function in functions if function.location not in locations]
    assert len(functions) > 900
    assert inventory.unlisted(missed, exemptions.FUNCTIONS) == []


def test_what_is_listed_is_still_there():
    names = [function.name for function in inventory.functions()]
    assert [entry for entry in exemptions.FUNCTIONS if inventory.unlisted(names, [entry]) == names] == []
    patterns = [pattern.name for pattern in inventory.patterns()]
    assert [entry for entry in exemptions.PATTERN_USES if not any(name.startswith(entry) for name in patterns)] == []
    assert set(exemptions.SLOW_LIBRARIES) <= set(fuzz_targets.TARGETS)


def test_a_pattern_that_is_made_while_running_is_listed_with_a_reason():
    assert inventory.dynamic_patterns() == sorted(exemptions.DYNAMIC_PATTERNS)


def test_a_new_function_that_is_given_text_would_be_missed():
    assert inventory.unlisted(["comments.text.clean.clean_more"], exemptions.FUNCTIONS) == [
        "comments.text.clean.clean_more"
    ]
