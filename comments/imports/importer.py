"""The way in for comments of another system: each once, with its first Decision, as if it had been written here.

No letters, no raids, no questions to Akismet. What is here already is brought up to date through `moderation.decide`,
unless somebody has decided about it here since.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from comments.imports.ids import free_among, new_ids
from comments.imports.records import Incoming
from comments.imports.recount import count, recount
from comments.imports.thread_order import Order, in_order
from comments.models import Comment, Conversation, Decision, ImportedComment
from comments.moderation.decide import WrongMove, decide
from comments.statuses import Cause, Status
from comments.submission.collect_facts import hash_of
from comments.text import confusables

AT_ONCE = 2_000
_FOR_PLACING = ["pk", "article_id", "thread_id", "level", "path", "version", "status"]

TWICE = "another comment of the export has the same id"
DECIDED_HERE = "changed there, but decided or edited here since: our version is kept"


class Intake:
    """Of one source. `tell` hears of everything that is not as it was there; of what is not taken at all, TWICE."""

    def __init__(self, source: str, tell: Callable[[Incoming, str], None]) -> None:
        self._source, self._tell = source, tell
        self._pending: dict[str, Incoming] = {}
        self._complete: set[int] = set()
        self.is_over = False
        self.counts: Counter[str] = Counter()
        self.other_ids: list[tuple[Incoming, int]] = []

    def add(self, incoming: Incoming) -> None:
        if incoming.key in self._pending:
            self._tell(incoming, TWICE)
            return
        self._pending[incoming.key] = incoming
        if len(self._pending) >= AT_ONCE and len(self._pending) % AT_ONCE == 0:
            self.flush()

    def end_of(self, article: int) -> None:
        """No more will come under this article."""
        self._complete.add(article)

    def end(self) -> None:
        self.is_over = True
        self.flush()

    def flush(self) -> None:
        """All that can be placed, in one transaction; what waits for its parent stays."""
        batch = list(self._pending.values())
        if not batch:
            return
        with transaction.atomic():
            held = self._take(batch)
        self._pending = {each.key: each for each in held}
        if not held:
            self._complete.clear()

    def _take(self, batch: list[Incoming]) -> list[Incoming]:
        known = self._known(each.key for each in batch)
        new = [each for each in batch if each.key not in known]
        stored = self._known(each.parent for each in new if each.parent)
        order = in_order(
            new,
            {key: each.comment.article_id for key, each in stored.items()},
            is_complete=lambda each: self.is_over or each.article in self._complete,
            tell=self._tell,
        )
        _lock({each.article for each in batch})
        self._store(order, {key: each.comment for key, each in stored.items()})
        for each in batch:
            if each.key in known:
                self._bring_up_to_date(each, known[each.key])
        return order.held

    def _known(self, keys: Iterable[str]) -> dict[str, ImportedComment]:
        found = ImportedComment.objects.filter(source=self._source, key__in=set(keys))
        only = [f"comment__{name}" for name in _FOR_PLACING if name != "pk"]
        return {each.key: each for each in found.select_related("comment").only("key", "theirs", "version", *only)}

    def _store(self, order: Order, stored: dict[str, Comment]) -> None:
        if not order.placed:
            return
        ids = self._ids([each for each, _parent in order.placed])
        made: dict[str, Comment] = {}
        for each, parent in order.placed:
            made[each.key] = _comment(each, ids[each.key], made.get(parent) or stored.get(parent))
        comments = list(made.values())
        pks = {comment.pk for comment in comments}
        count(comment for comment in comments if (comment.thread_id or comment.pk) in pks)
        for comment in comments:
            comment.is_shown = comment.is_shown or comment.is_public()
        Comment.objects.bulk_create(comments, batch_size=500)
        recount({comment.thread_id for comment in comments if comment.thread_id} - pks)
        Decision.objects.bulk_create(_first_decision(comment) for comment in comments)
        ImportedComment.objects.bulk_create(
            ImportedComment(source=self._source, key=each.key, comment=made[each.key], theirs=each.theirs())
            for each, _parent in order.placed
        )
        _count_in_conversations(comments)
        self.counts["new"] += len(comments)

    def _ids(self, batch: list[Incoming]) -> dict[str, int]:
        free = free_among({each.wanted_id for each in batch})
        ids: dict[str, int] = {}
        others = []
        for each in batch:
            if each.wanted_id in free:
                ids[each.key] = each.wanted_id
                free.discard(each.wanted_id)
            else:
                others.append(each)
        for each, pk in zip(others, new_ids(len(others)) if others else [], strict=True):
            ids[each.key] = pk
            if each.wanted_id:
                self.other_ids.append((each, pk))
        return ids

    def _bring_up_to_date(self, incoming: Incoming, imported: ImportedComment) -> None:
        theirs = incoming.theirs()
        if imported.comment.article_id != incoming.article:
            self._tell(incoming, TWICE)
            return
        if imported.theirs == theirs:
            self.counts["unchanged"] += 1
            return
        comment = Comment.objects.get(pk=imported.comment_id)
        if comment.version != imported.version:
            self._tell(incoming, DECIDED_HERE)
            self.counts["kept"] += 1
            return
        try:
            decide(comment, incoming.status, by=None, cause=Cause.IMPORTED, **_changes(incoming))
        except WrongMove:
            self._tell(incoming, DECIDED_HERE)
            self.counts["kept"] += 1
            return
        ImportedComment.objects.filter(pk=imported.pk).update(theirs=theirs, version=comment.version)
        self.counts["changed"] += 1


def _lock(articles: Collection[int]) -> None:
    """The conversations of these articles, in one order."""
    Conversation.objects.bulk_create((Conversation(article_id=pk) for pk in articles), ignore_conflicts=True)
    list(Conversation.objects.select_for_update().filter(article__in=articles).order_by("article_id").values("pk"))


def _comment(incoming: Incoming, pk: int, parent: Comment | None) -> Comment:
    comment = Comment(
        pk=pk,
        article_id=incoming.article,
        status=incoming.status,
        decided_at=incoming.at,
        device=incoming.device,
        network=incoming.network,
        staff=incoming.staff,
        **_changes(incoming),
    )
    comment.place_under(parent)
    return comment


def _changes(incoming: Incoming) -> dict[str, Any]:
    """Whoever decided there has looked at it."""
    return {
        "name": incoming.name,
        "name_key": confusables.key(incoming.name),
        "text": incoming.text,
        "text_hash": hash_of(incoming.text),
        "created_at": incoming.at,
        "looked_at": None if incoming.status == Status.HELD else incoming.at,
        "picked_at": incoming.picked_at,
        "edited_at": incoming.edited_at,
        "redacted_at": incoming.redacted_at,
    }


def _first_decision(comment: Comment) -> Decision:
    return Decision(comment=comment, was=None, now=comment.status, cause=Cause.IMPORTED, at=comment.created_at)


def _count_in_conversations(comments: list[Comment]) -> None:
    public: dict[int, list[Comment]] = defaultdict(list)
    for comment in comments:
        if comment.is_public():
            public[comment.article_id].append(comment)
    for article, those in public.items():
        Conversation.objects.filter(article=article).update(
            public_count=F("public_count") + len(those),
            published=F("published") + len(those),
            picks=F("picks") + sum(comment.picked_at is not None for comment in those),
            version=F("version") + 1,
        )
