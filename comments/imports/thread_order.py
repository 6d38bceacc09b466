"""Order in which parents come before replies, whatever the order and errors of the other system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from comments.imports.records import ImportedCommentData

PARENT_MISSING = "its parent is missing: imported as a new thread"
PARENT_UNDER_OTHER_ARTICLE = "its parent is under another article: imported as a new thread"
PARENT_IS_ITSELF = "it replies to itself: imported as a new thread"
REPLY_CYCLE = "the replies form a circle: imported as a new thread"


@dataclass
class ThreadOrder:
    """Order of import.

    `placed` holds each comment with the key of its parent, or an empty key. `deferred` holds those whose parents have
    not arrived yet.
    """

    placed: list[tuple[ImportedCommentData, str]] = field(default_factory=list)
    deferred: list[ImportedCommentData] = field(default_factory=list)


def order_by_parents(
    batch: Collection[ImportedCommentData],
    articles_of_stored: dict[str, int],
    *,
    is_complete: Callable[[ImportedCommentData], bool],
    tell: Callable[[ImportedCommentData, str], None],
) -> ThreadOrder:
    """Order a batch so that parents come first.

    `articles_of_stored` maps keys of stored parents to articles. `is_complete` tells whether no more comments of its
    article will follow.
    """
    by_key = {each.key: each for each in batch}
    order = ThreadOrder()
    below: dict[str, list[ImportedCommentData]] = defaultdict(list)  # within the batch, by the parent's key
    waiting: list[ImportedCommentData] = []
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
                tell(
                    each,
                    PARENT_IS_ITSELF
                    if each.parent == each.key
                    else PARENT_MISSING
                    if article is None
                    else PARENT_UNDER_OTHER_ARTICLE,
                )
            order.placed.append((each, ""))
    return _resolve_cycles(batch, waiting, below, order, tell)


def _resolve_cycles(
    batch: Collection[ImportedCommentData],
    waiting: list[ImportedCommentData],
    below: dict[str, list[ImportedCommentData]],
    order: ThreadOrder,
    tell: Callable[[ImportedCommentData, str], None],
) -> ThreadOrder:
    roots, order.placed = order.placed, []
    done = _place_descendants(roots, below, order)
    held = {each.key for each in _descendants(waiting, below)}
    order.deferred = [each for each in batch if each.key in held]
    circling = [each for each in batch if each.key not in done and each.key not in held]
    for each in sorted(circling, key=lambda each: (each.at, each.key)):
        if each.key not in done:
            tell(each, REPLY_CYCLE)
            done |= _place_descendants([(each, "")], below, order, done=done)
    return order


def _place_descendants(
    roots: list[tuple[ImportedCommentData, str]],
    below: dict[str, list[ImportedCommentData]],
    order: ThreadOrder,
    *,
    done: Collection[str] = (),
) -> set[str]:
    """Add the roots and their descendants, parents first, and return the keys of all placed comments."""
    placed = set(done)
    queue = roots
    while queue:
        fresh = [(each, parent) for each, parent in queue if each.key not in placed]
        placed |= {each.key for each, _parent in fresh}
        order.placed += fresh
        queue = [(reply, each.key) for each, _parent in fresh for reply in below.get(each.key, ())]
    return placed


def _descendants(
    roots: list[ImportedCommentData], below: dict[str, list[ImportedCommentData]]
) -> list[ImportedCommentData]:
    found, queue = [], list(roots)
    seen: set[str] = set()
    while queue:
        each = queue.pop()
        if each.key not in seen:
            seen.add(each.key)
            found.append(each)
            queue += below.get(each.key, ())
    return found
