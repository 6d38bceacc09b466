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
    warn: Callable[[ImportedCommentData, str], None],
) -> ThreadOrder:
    """Order a batch so that parents come first.

    `articles_of_stored` maps keys of stored parents to articles. `is_complete` tells whether no more comments of its
    article will follow.
    """
    by_key = {each.key: each for each in batch}
    order = ThreadOrder()
    replies: dict[str, list[ImportedCommentData]] = defaultdict(list)  # within the batch, by the parent's key
    deferred: list[ImportedCommentData] = []
    for each in batch:
        parent = by_key.get(each.parent)
        article = parent.article if parent else articles_of_stored.get(each.parent)
        if each.parent and each.parent != each.key and article == each.article:
            replies[each.parent].append(each)
            if parent is None:
                order.placed.append((each, each.parent))
        elif each.parent and each.parent != each.key and article is None and not is_complete(each):
            deferred.append(each)
        else:
            if each.parent:
                warn(
                    each,
                    PARENT_IS_ITSELF
                    if each.parent == each.key
                    else PARENT_MISSING
                    if article is None
                    else PARENT_UNDER_OTHER_ARTICLE,
                )
            order.placed.append((each, ""))
    return _resolve_cycles(batch, deferred, replies, order, warn)


def _resolve_cycles(
    batch: Collection[ImportedCommentData],
    deferred: list[ImportedCommentData],
    replies: dict[str, list[ImportedCommentData]],
    order: ThreadOrder,
    warn: Callable[[ImportedCommentData, str], None],
) -> ThreadOrder:
    roots, order.placed = order.placed, []
    placed_keys = _place_descendants(roots, replies, order)
    deferred_keys = {each.key for each in _descendants(deferred, replies)}
    order.deferred = [each for each in batch if each.key in deferred_keys]
    cyclic = [each for each in batch if each.key not in placed_keys and each.key not in deferred_keys]
    for each in sorted(cyclic, key=lambda each: (each.at, each.key)):
        if each.key not in placed_keys:
            warn(each, REPLY_CYCLE)
            placed_keys |= _place_descendants([(each, "")], replies, order, already_placed=placed_keys)
    return order


def _place_descendants(
    roots: list[tuple[ImportedCommentData, str]],
    replies: dict[str, list[ImportedCommentData]],
    order: ThreadOrder,
    *,
    already_placed: Collection[str] = (),
) -> set[str]:
    """Add the roots and their descendants, parents first, and return the keys of all placed comments."""
    placed = set(already_placed)
    queue = roots
    while queue:
        new = [(each, parent) for each, parent in queue if each.key not in placed]
        placed |= {each.key for each, _parent in new}
        order.placed += new
        queue = [(reply, each.key) for each, _parent in new for reply in replies.get(each.key, ())]
    return placed


def _descendants(
    roots: list[ImportedCommentData], replies: dict[str, list[ImportedCommentData]]
) -> list[ImportedCommentData]:
    descendants, queue = [], list(roots)
    visited: set[str] = set()
    while queue:
        each = queue.pop()
        if each.key not in visited:
            visited.add(each.key)
            descendants.append(each)
            queue += replies.get(each.key, ())
    return descendants
