"""Growth of CPU time with the length of a text. `python -m tests.abuse` prints it for all fuzz targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import functools
import gc
import math
import sys
import threading
import time
from typing import Any

from comments.db.compiled_query import CompiledParentChildQuery, CompiledQuery
from comments.text import normalize
from tests.abuse import inventory
from tests.abuse.hostile_text import KINDS
from tests.abuse.regex_attacks import pump_attacks, repeat_part

SMALL, LARGE, HUGE = 1_250, 5_000, 40_000
MIN_MEASURABLE_SECONDS = 0.004  # for LARGE; shorter times are harmless and cannot be compared
MAX_GROWTH = 6.0  # from n to 4n; linear is 4, quadratic is 16
MIN_GROWTH = 3.0  # less is not linear: a part of the text is ignored
MAX_ATTEMPTS = 12

Run = Callable[[str], object]


@dataclass(frozen=True)
class Growth:
    """Time for the large text, and the growth of time for four times the text; 0 if `seconds` is below the minimum."""

    kind: str
    seconds: float
    factor: float

    @property
    def is_superlinear(self) -> bool:
        return self.factor > MAX_GROWTH


def growth(
    run: Run, kind: str, *, small: int = SMALL, large: int = LARGE, min_seconds: float = MIN_MEASURABLE_SECONDS
) -> Growth:
    """Measure a kind of text. If growth looks superlinear, measure again from `large` to four times `large`.

    Linear growth there refutes the first result: times of a few milliseconds vary by a third on a busy machine.
    """
    result = growth_between(run, kind, KINDS[kind](small), KINDS[kind](large), min_seconds=min_seconds)
    if result.is_superlinear:
        larger = growth_between(run, kind, KINDS[kind](large), KINDS[kind](large * 4), min_seconds=min_seconds)
        if MIN_GROWTH <= larger.factor <= MAX_GROWTH:
            return larger
    return result


def growth_between(
    run: Run, kind: str, small: str, large: str, *, min_seconds: float = MIN_MEASURABLE_SECONDS
) -> Growth:
    """Measure two texts. Repeat while growth looks superlinear, because other processes disturb the measurement.

    Repetitions measure the small text several times in a row, so that both take equally long.
    """
    ratio = len(large) / len(small)
    seconds, small_seconds = seconds_for(run, large), math.inf
    result = Growth(
        kind, seconds, _normalize_factor(seconds / seconds_for(run, small), ratio) if seconds >= min_seconds else 0
    )
    for _ in range(MAX_ATTEMPTS):
        if seconds < min_seconds:
            return Growth(kind, seconds, 0)
        if not result.is_superlinear:
            break
        small_seconds = min(small_seconds, sum(seconds_for(run, small) for _ in range(round(ratio))) / ratio)
        seconds = min(seconds, seconds_for(run, large))
        result = Growth(kind, seconds, _normalize_factor(seconds / small_seconds, ratio))
    return result


def growth_of_pattern(pattern: inventory.Pattern, *, choices: int) -> list[Growth]:
    """Measure a pattern with the methods by which the source uses it, on all kinds of text and on generated attacks."""
    inputs = [(kind, make(SMALL), make(LARGE)) for kind, make in KINDS.items()]
    attacks = pump_attacks(pattern.pattern, choices)
    inputs += [(repr(parts), repeat_part(parts, SMALL), repeat_part(parts, LARGE)) for parts in attacks]
    return [growth_between(run, *texts) for run in _pattern_runs(pattern) for texts in inputs]


def _pattern_runs(pattern: inventory.Pattern) -> list[Run]:
    uses, compiled = pattern.uses, pattern.pattern
    runs: list[Run] = [getattr(compiled, use) for use in ("match", "fullmatch") if use in uses]
    if not uses <= {"match", "fullmatch"}:
        runs.append(lambda text: sum(1 for _found in compiled.finditer(text)))  # equivalent to all other methods
    return runs


def _normalize_factor(factor: float, ratio: float) -> float:
    """Convert a growth factor for `ratio` times the text to that for four times: 14.7 for eight times is 6."""
    return float(factor ** (math.log(4) / math.log(ratio)))


def seconds_for(run: Run, text: str) -> float:
    """Return the CPU seconds of this thread for a run with empty caches."""
    clear_caches()
    start = time.thread_time()
    run(text)
    return time.thread_time() - start


def clear_caches() -> None:
    """Clear all caches of limited size, which hold results. Tables that are built once stay."""
    for cached in _caches():
        if cached.cache_parameters()["maxsize"]:
            cached.cache_clear()


def clear_all_caches() -> None:
    """Clear all caches, also those of tables that are built once, as in a new process."""
    for cached in _caches():
        cached.cache_clear()
    for query in _module_values():
        if isinstance(query, CompiledQuery | CompiledParentChildQuery):
            query._local = threading.local()
    normalize._NORMALIZED.clear()


@functools.cache
def _caches() -> list[Any]:
    return [each for each in _module_values() if hasattr(each, "cache_parameters")]


def _module_values() -> list[Any]:
    modules = [module for name, module in sys.modules.items() if name.startswith(inventory.PACKAGES)]
    return list({id(each): each for module in modules for each in vars(module).values()}.values())


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
