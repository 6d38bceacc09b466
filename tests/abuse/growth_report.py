"""Print how the cost of untrusted text grows, for all code that processes it: python -m tests.abuse

The first table lists each fuzz target with its costliest kind of text, milliseconds for 5,000 characters, and the
growth from 1,250 to 5,000 characters (linear is 4, quadratic is 16; "-" if it is too fast to be measured). The second
table lists the regular expressions; the third lists each function with the targets that reach it, or the reason why
none does. The run takes some minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
import tempfile

from django.db import connection
from django.test.utils import setup_test_environment

from tests.abuse import exemptions, inventory, scenarios
from tests.abuse.fuzz_targets import TARGETS
from tests.abuse.growth import (
    MIN_MEASURABLE_SECONDS,
    Growth,
    Run,
    clear_all_caches,
    growth,
    growth_of_pattern,
    without_garbage_collection,
)
from tests.abuse.hostile_text import KINDS
from tests.support.template_databases import copy_migrated

FEW_KINDS = ["words", "a mixture"]
SHORT = 300


def main() -> None:
    setup_test_environment()
    with tempfile.TemporaryDirectory() as folder, without_garbage_collection():
        _use_database(Path(folder) / "site.sqlite3")
        seed = scenarios.SeedData.build()
        scenario_runs: dict[str, Run] = {
            name: partial(scenarios.run, scenario, seed) for name, scenario in scenarios.SCENARIOS.items()
        }
        _print_targets({**TARGETS, **scenario_runs})
        _print_patterns()
        _print_functions({**TARGETS, **scenario_runs})


def _use_database(path: Path) -> None:
    copy_migrated(path)
    connection.close()
    connection.settings_dict["NAME"] = str(path)


def _print_targets(targets: dict[str, Run]) -> None:
    print(f"\n{'TARGET':45}{'ms':>8}{'growth':>8}  costliest kind of text (and fastest growth)")
    for name, run in targets.items():
        run("fills the caches that are built once")
        print(
            f"{name:45}{_format_growth([growth(run, kind, min_seconds=MIN_MEASURABLE_SECONDS / 4) for kind in KINDS])}",
            flush=True,
        )


def _print_patterns() -> None:
    print(f"\n{'PATTERN':60}{'ms':>8}{'growth':>8}  costliest kind of text (and fastest growth)")
    for pattern in inventory.patterns():
        print(f"{pattern.name:60}{_format_growth(growth_of_pattern(pattern, choices=1))}", flush=True)


def _format_growth(growths: Iterable[Growth]) -> str:
    measured = list(growths)
    costliest = max(measured, key=lambda each: each.seconds)
    fastest = max(measured, key=lambda each: each.factor)
    factor = f"{fastest.factor:8.1f}" if fastest.factor else f"{'-':>8}"
    return f"{costliest.seconds * 1000:8.1f}{factor}  {costliest.kind} ({fastest.kind})"


def _print_functions(targets: dict[str, Run]) -> None:
    print(f"\n{'FUNCTION':75}  reached by, or the reason why not")
    by_location: dict[tuple[str, int], list[str]] = {}
    for name, run in targets.items():
        clear_all_caches()
        with inventory.CallRecorder() as recorder:
            for kind in FEW_KINDS:
                run(KINDS[kind](SHORT))
        for location in recorder.locations:
            by_location.setdefault(location, []).append(name)
    for function in inventory.functions():
        target_names = by_location.get(function.location)
        reason = inventory.reason(function.name, exemptions.FUNCTIONS)
        print(f"{function.name:75}  {_abbreviate(target_names) if target_names else reason}")


def _abbreviate(names: list[str]) -> str:
    return "; ".join(names[:2]) + (f"; {len(names) - 2} more" if len(names) > 2 else "")
