"""How the processor time of a way in grows with its text. `python -m tests.abuse` prints it for all of them."""

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
from tests.abuse.regex_attacks import pumped, repeated

SMALL, LARGE, HUGE = 1_250, 5_000, 40_000
FLOOR = 0.004  # seconds for LARGE; less is no danger, and cannot be compared
MAX_GROWTH = 6.0  # from n to 4n; linear is 4, quadratic is 16
MIN_GROWTH = 3.0  # less is not linear: a part of the text is not read
TRIES = 12

Run = Callable[[str], object]


@dataclass(frozen=True)
class Growth:
    """`factor` is reduced to four times the text. It is 0 where `seconds` are below the floor."""

    kind: str
    seconds: float
    factor: float

    @property
    def is_too_fast(self) -> bool:
        return self.factor > MAX_GROWTH


def growth(run: Run, kind: str, *, small: int = SMALL, large: int = LARGE, floor: float = FLOOR) -> Growth:
    """Measure a kind of text. Where the growth looks too fast, growth that goes on linearly beyond refutes it.

    A few milliseconds vary by a third on a busy machine. Below a limit of the length nothing goes on.
    """
    found = growth_between(run, kind, KINDS[kind](small), KINDS[kind](large), floor=floor)
    if found.is_too_fast:
        beyond = growth_between(run, kind, KINDS[kind](large), KINDS[kind](large * 4), floor=floor)
        if MIN_GROWTH <= beyond.factor <= MAX_GROWTH:
            return beyond
    return found


def growth_between(run: Run, kind: str, small: str, large: str, *, floor: float = FLOOR) -> Growth:
    """Measure two texts; measure again while the growth looks too fast, since others compute on this machine, too.

    From then on the small text is measured several times in a row, so that both are interrupted alike.
    """
    times = len(large) / len(small)
    seconds, few = seconds_for(run, large), math.inf
    found = Growth(kind, seconds, _as_fourfold(seconds / seconds_for(run, small), times) if seconds >= floor else 0)
    for _ in range(TRIES):
        if seconds < floor:
            return Growth(kind, seconds, 0)
        if not found.is_too_fast:
            break
        few = min(few, sum(seconds_for(run, small) for _ in range(round(times))) / times)
        seconds = min(seconds, seconds_for(run, large))
        found = Growth(kind, seconds, _as_fourfold(seconds / few, times))
    return found


def growth_of_pattern(pattern: inventory.Pattern, *, choices: int) -> list[Growth]:
    """Measure a pattern in the ways in which the source applies it, by all kinds and by what is made against it."""
    made = [(kind, make(SMALL), make(LARGE)) for kind, make in KINDS.items()]
    against = pumped(pattern.pattern, choices)
    made += [(repr(parts), repeated(parts, SMALL), repeated(parts, LARGE)) for parts in against]
    return [growth_between(run, *texts) for run in _applied(pattern) for texts in made]


def _applied(pattern: inventory.Pattern) -> list[Run]:
    uses, compiled = pattern.uses, pattern.pattern
    runs: list[Run] = [getattr(compiled, use) for use in ("match", "fullmatch") if use in uses]
    if not uses <= {"match", "fullmatch"}:
        runs.append(lambda text: sum(1 for _found in compiled.finditer(text)))  # what all others do
    return runs


def _as_fourfold(factor: float, times: float) -> float:
    """Reduce the growth for so many times the text: 14.7 for eight times is 6 for four times."""
    return float(factor ** (math.log(4) / math.log(times)))


def seconds_for(run: Run, text: str) -> float:
    """Processor time of this thread, with nothing remembered of an earlier run."""
    forget_remembered()
    started = time.thread_time()
    run(text)
    return time.thread_time() - started


def forget_remembered() -> None:
    """Clear the caches of what was asked lately. Tables that are made once stay."""
    for cached in _caches():
        if cached.cache_parameters()["maxsize"]:
            cached.cache_clear()


def forget_everything() -> None:
    """Clear what is made once, too, as in a new process."""
    for cached in _caches():
        cached.cache_clear()
    for query in _in_modules_of_ours():
        if isinstance(query, CompiledQuery | CompiledParentChildQuery):
            query._local = threading.local()
    normalize._NORMALIZED.clear()


@functools.cache
def _caches() -> list[Any]:
    return [each for each in _in_modules_of_ours() if hasattr(each, "cache_parameters")]


def _in_modules_of_ours() -> list[Any]:
    ours = [module for name, module in sys.modules.items() if name.startswith(inventory.PACKAGES)]
    return list({id(each): each for module in ours for each in vars(module).values()}.values())


@contextmanager
def undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
