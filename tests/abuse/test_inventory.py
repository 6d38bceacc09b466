"""Nothing that takes strangers' text is forgotten: what the inventory finds is driven, or listed with a reason."""

import pytest

from tests.abuse import exemptions, fuzz_targets, inventory, scenarios
from tests.abuse.growth import forget_everything
from tests.abuse.hostile_text import KINDS

SHORT = 300  # characters, under a profiler
SOME_KINDS = [*list(KINDS)[::12], "words", "a mixture"]
FEW_KINDS = ["words", "a mixture"]  # where each takes a whole request


@pytest.fixture(scope="module")
def pure_places():
    """Where the code comes by with the drives that need no database."""
    forget_everything()
    with inventory.Reached() as reached:
        for kind in SOME_KINDS:
            text = KINDS[kind](SHORT)
            for run in fuzz_targets.DRIVES.values():
                run(text)
    return reached.places


@pytest.fixture
def places(db, pure_places):
    forget_everything()
    built = scenarios.Stage.build()
    with inventory.Reached() as reached:
        for kind in FEW_KINDS:
            for run in scenarios.DRIVES.values():
                scenarios.run(run, built, KINDS[kind](SHORT))
    return pure_places | reached.places


def test_every_function_that_is_given_text_is_driven_or_listed_with_a_reason(places):
    functions = inventory.functions()
    missed = [function.name for function in functions if function.place not in places]
    assert len(functions) > 900
    assert inventory.not_listed(missed, exemptions.FUNCTIONS) == []


def test_what_is_listed_is_still_there():
    names = [function.name for function in inventory.functions()]
    assert [entry for entry in exemptions.FUNCTIONS if inventory.not_listed(names, [entry]) == names] == []
    patterns = [pattern.name for pattern in inventory.patterns()]
    assert [entry for entry in exemptions.APPLIED if not any(name.startswith(entry) for name in patterns)] == []
    assert set(exemptions.SLOW_LIBRARIES) <= set(fuzz_targets.DRIVES)


def test_a_pattern_that_is_made_while_running_is_listed_with_a_reason():
    assert inventory.made_while_running() == sorted(exemptions.PATTERNS_MADE_WHILE_RUNNING)


def test_a_new_function_that_is_given_text_would_be_missed():
    assert inventory.not_listed(["comments.text.clean.clean_more"], exemptions.FUNCTIONS) == [
        "comments.text.clean.clean_more"
    ]
