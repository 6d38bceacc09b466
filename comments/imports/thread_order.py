"""Who replies to whom: an order in which parents come first, whatever the other system's order and errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from comments.imports.records import Incoming

NOT_THERE = "its parent is missing: imported as a new thread"
ELSEWHERE = "its parent is under another article: imported as a new thread"
ITSELF = "it replies to itself: imported as a new thread"
IN_A_CIRCLE = "the replies form a circle: imported as a new thread"


@dataclass
class Order:
    """`placed` with the key of each one's parent, or an empty one; `held` until their parents have come."""

    placed: list[tuple[Incoming, str]] = field(default_factory=list)
    held: list[Incoming] = field(default_factory=list)


def in_order(
    batch: Collection[Incoming],
    articles_of_stored: dict[str, int],
    *,
    is_complete: Callable[[Incoming], bool],
    tell: Callable[[Incoming, str], None],
) -> Order:
    """`articles_of_stored`: of parents that are here already. `is_complete`: no more will come under its article."""
    by_key = {each.key: each for each in batch}
    order = Order()
    below: dict[str, list[Incoming]] = defaultdict(list)  # within the batch, by the parent's key
    waiting: list[Incoming] = []
    for each in batch:
        parent = by_key.get(each.parent)
        article = parent.article if parent else articles_of_stored.get(each.parent)
        if each.parent and each.parent != each.key and article == each.article:
            below[each.parent].append(each)
            if parent is None:
                order.placed.append((each, each.parent))
        elif each.parent and each.parent != each.key and article is None and not is_complete(each):
            waiting.append(each)
        else:
            if each.parent:
                tell(each, ITSELF if each.parent == each.key else NOT_THERE if article is None else ELSEWHERE)
            order.placed.append((each, ""))
    return _finish(batch, waiting, below, order, tell)


def _finish(
    batch: Collection[Incoming],
    waiting: list[Incoming],
    below: dict[str, list[Incoming]],
    order: Order,
    tell: Callable[[Incoming, str], None],
) -> Order:
    roots, order.placed = order.placed, []
    done = _with_all_below(roots, below, order)
    held = {each.key for each in _keys_below(waiting, below)}
    order.held = [each for each in batch if each.key in held]
    circling = [each for each in batch if each.key not in done and each.key not in held]
    for each in sorted(circling, key=lambda each: (each.at, each.key)):
        if each.key not in done:
            tell(each, IN_A_CIRCLE)
            done |= _with_all_below([(each, "")], below, order, done=done)
    return order


def _with_all_below(
    roots: list[tuple[Incoming, str]],
    below: dict[str, list[Incoming]],
    order: Order,
    *,
    done: Collection[str] = (),
) -> set[str]:
    """Adds the roots and what hangs on them, those above first; the keys of all."""
    placed = set(done)
    queue = roots
    while queue:
        fresh = [(each, parent) for each, parent in queue if each.key not in placed]
        placed |= {each.key for each, _parent in fresh}
        order.placed += fresh
        queue = [(reply, each.key) for each, _parent in fresh for reply in below.get(each.key, ())]
    return placed


def _keys_below(roots: list[Incoming], below: dict[str, list[Incoming]]) -> list[Incoming]:
    found, queue = [], list(roots)
    seen: set[str] = set()
    while queue:
        each = queue.pop()
        if each.key not in seen:
            seen.add(each.key)
            found.append(each)
            queue += below.get(each.key, ())
    return found
