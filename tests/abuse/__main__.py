"""The inventory of what takes strangers' text, with the growth of each: python -m tests.abuse

Prints each way in with the kind of text that costs most, milliseconds for 5,000 characters, and the growth from 1,250
to 5,000 characters (linear is 4, quadratic is 16; "-" where it is too little to be measured); then the patterns; then
each function, with the ways in that lead to it, or the reason why none does. It takes some minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
import os
from pathlib import Path
import tempfile

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("SECRET_KEY", "x" * 50)
django.setup()

from django.db import connection  # noqa: E402 (Django is set up first)
from django.test.utils import setup_test_environment  # noqa: E402

from tests.abuse import exemptions, inventory, scenarios  # noqa: E402
from tests.abuse.fuzz_targets import DRIVES  # noqa: E402
from tests.abuse.growth import FLOOR, Growth, Run, forget_everything, growth, growth_of_pattern, undisturbed  # noqa: E402
from tests.abuse.hostile_text import KINDS  # noqa: E402
from tests.support.template_databases import copy_migrated  # noqa: E402

FEW_KINDS = ["words", "a mixture"]
SHORT = 300


def main() -> None:
    setup_test_environment()
    with tempfile.TemporaryDirectory() as folder, undisturbed():
        _use_database(Path(folder) / "site.sqlite3")
        built = scenarios.Stage.build()
        on_stage: dict[str, Run] = {
            name: partial(scenarios.run, drive, built) for name, drive in scenarios.DRIVES.items()
        }
        _print_drives({**DRIVES, **on_stage})
        _print_patterns()
        _print_functions({**DRIVES, **on_stage})


def _use_database(path: Path) -> None:
    copy_migrated(path)
    connection.close()
    connection.settings_dict["NAME"] = str(path)


def _print_drives(drives: dict[str, Run]) -> None:
    print(f"\n{'WAY IN':45}{'ms':>8}{'growth':>8}  costliest kind of text (and fastest growth)")
    for name, run in drives.items():
        run("what is made once is made now")
        print(f"{name:45}{_in_columns([growth(run, kind, floor=FLOOR / 4) for kind in KINDS])}", flush=True)


def _print_patterns() -> None:
    print(f"\n{'PATTERN':60}{'ms':>8}{'growth':>8}  costliest kind of text (and fastest growth)")
    for pattern in inventory.patterns():
        print(f"{pattern.name:60}{_in_columns(growth_of_pattern(pattern, choices=1))}", flush=True)


def _in_columns(found: Iterable[Growth]) -> str:
    measured = list(found)
    costliest = max(measured, key=lambda each: each.seconds)
    fastest = max(measured, key=lambda each: each.factor)
    factor = f"{fastest.factor:8.1f}" if fastest.factor else f"{'-':>8}"
    return f"{costliest.seconds * 1000:8.1f}{factor}  {costliest.kind} ({fastest.kind})"


def _print_functions(drives: dict[str, Run]) -> None:
    print(f"\n{'FUNCTION':75}  driven as, or why not")
    by_place: dict[tuple[str, int], list[str]] = {}
    for name, run in drives.items():
        forget_everything()
        with inventory.Reached() as reached:
            for kind in FEW_KINDS:
                run(KINDS[kind](SHORT))
        for place in reached.places:
            by_place.setdefault(place, []).append(name)
    for function in inventory.functions():
        ways = by_place.get(function.place)
        print(f"{function.name:75}  {_some(ways) if ways else inventory.reason(function.name, exemptions.FUNCTIONS)}")


def _some(ways: list[str]) -> str:
    return "; ".join(ways[:2]) + (f"; {len(ways) - 2} more" if len(ways) > 2 else "")


if __name__ == "__main__":
    main()
