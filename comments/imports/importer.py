"""Import of comments: each once, with its first Decision, as if it had been posted here.

An import creates no notifications, clusters or Akismet requests. Comments that exist are updated through
`moderation.decide`, unless they have been decided or edited here since.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from comments.imports.ids import allocate_ids, available_ids
from comments.imports.records import ImportedCommentData
from comments.imports.recount import recount, set_counts
from comments.imports.thread_order import ThreadOrder, order_by_parents
from comments.models import Comment, Conversation, Decision, ImportedComment
from comments.moderation.decide import InvalidTransition, decide
from comments.statuses import Cause, Status
from comments.submission.collect_facts import hash_text
from comments.text import confusables

BATCH_SIZE = 2_000
_PARENT_FIELDS = ["pk", "article_id", "thread_id", "level", "path", "version", "status"]

DUPLICATE_ID = "another comment of the export has the same id"
CHANGED_ON_BOTH_SIDES = "changed there, but decided or edited here since: our version is kept"


class CommentImporter:
    """Importer of comments from one source.

    `tell` receives each comment that is stored differently from the source, or not at all, with the reason.
    """

    def __init__(self, source: str, tell: Callable[[ImportedCommentData, str], None]) -> None:
        self._source, self._tell = source, tell
        self._pending: dict[str, ImportedCommentData] = {}
        self._complete: set[int] = set()
        self.is_finished = False
        self.counts: Counter[str] = Counter()
        self.reassigned_ids: list[tuple[ImportedCommentData, int]] = []

    def add(self, incoming: ImportedCommentData) -> None:
        if incoming.key in self._pending:
            self._tell(incoming, DUPLICATE_ID)
            return
        self._pending[incoming.key] = incoming
        if len(self._pending) >= BATCH_SIZE and len(self._pending) % BATCH_SIZE == 0:
            self.flush()

    def finish_article(self, article: int) -> None:
        """Declare that no more comments of this article will follow."""
        self._complete.add(article)

    def end(self) -> None:
        self.is_finished = True
        self.flush()

    def flush(self) -> None:
        """Store all comments whose parents are known in one transaction. Keep the others."""
        batch = list(self._pending.values())
        if not batch:
            return
        with transaction.atomic():
            held = self._take(batch)
        self._pending = {each.key: each for each in held}
        if not held:
            self._complete.clear()

    def _take(self, batch: list[ImportedCommentData]) -> list[ImportedCommentData]:
        known = self._known(each.key for each in batch)
        new = [each for each in batch if each.key not in known]
        stored = self._known(each.parent for each in new if each.parent)
        order = order_by_parents(
            new,
            {key: each.comment.article_id for key, each in stored.items()},
            is_complete=lambda each: self.is_finished or each.article in self._complete,
            tell=self._tell,
        )
        _lock_conversations({each.article for each in batch})
        self._store(order, {key: each.comment for key, each in stored.items()})
        for each in batch:
            if each.key in known:
                self._update(each, known[each.key])
        return order.deferred

    def _known(self, keys: Iterable[str]) -> dict[str, ImportedComment]:
        found = ImportedComment.objects.filter(source=self._source, key__in=set(keys))
        only = [f"comment__{name}" for name in _PARENT_FIELDS if name != "pk"]
        return {each.key: each for each in found.select_related("comment").only("key", "source_hash", "version", *only)}

    def _store(self, order: ThreadOrder, stored: dict[str, Comment]) -> None:
        if not order.placed:
            return
        ids = self._ids([each for each, _parent in order.placed])
        made: dict[str, Comment] = {}
        for each, parent in order.placed:
            made[each.key] = _build_comment(each, ids[each.key], made.get(parent) or stored.get(parent))
        comments = list(made.values())
        pks = {comment.pk for comment in comments}
        set_counts(comment for comment in comments if (comment.thread_id or comment.pk) in pks)
        for comment in comments:
            comment.is_visible = comment.is_visible or comment.is_public()
        Comment.objects.bulk_create(comments, batch_size=500)
        recount({comment.thread_id for comment in comments if comment.thread_id} - pks)
        Decision.objects.bulk_create(_first_decision(comment) for comment in comments)
        ImportedComment.objects.bulk_create(
            ImportedComment(source=self._source, key=each.key, comment=made[each.key], source_hash=each.source_hash())
            for each, _parent in order.placed
        )
        _count_in_conversations(comments)
        self.counts["new"] += len(comments)

    def _ids(self, batch: list[ImportedCommentData]) -> dict[str, int]:
        free = available_ids({each.preferred_id for each in batch})
        ids: dict[str, int] = {}
        others = []
        for each in batch:
            if each.preferred_id in free:
                ids[each.key] = each.preferred_id
                free.discard(each.preferred_id)
            else:
                others.append(each)
        for each, pk in zip(others, allocate_ids(len(others)) if others else [], strict=True):
            ids[each.key] = pk
            if each.preferred_id:
                self.reassigned_ids.append((each, pk))
        return ids

    def _update(self, incoming: ImportedCommentData, imported: ImportedComment) -> None:
        theirs = incoming.source_hash()
        if imported.comment.article_id != incoming.article:
            self._tell(incoming, DUPLICATE_ID)
            return
        if imported.source_hash == theirs:
            self.counts["unchanged"] += 1
            return
        comment = Comment.objects.get(pk=imported.comment_id)
        if comment.version != imported.version:
            self._tell(incoming, CHANGED_ON_BOTH_SIDES)
            self.counts["kept"] += 1
            return
        try:
            decide(comment, incoming.status, actor=None, cause=Cause.IMPORTED, **_changes(incoming))
        except InvalidTransition:
            self._tell(incoming, CHANGED_ON_BOTH_SIDES)
            self.counts["kept"] += 1
            return
        ImportedComment.objects.filter(pk=imported.pk).update(source_hash=theirs, version=comment.version)
        self.counts["changed"] += 1


def _lock_conversations(articles: Collection[int]) -> None:
    """Lock the conversations of these articles in a fixed order."""
    Conversation.objects.bulk_create((Conversation(article_id=pk) for pk in articles), ignore_conflicts=True)
    list(Conversation.objects.select_for_update().filter(article__in=articles).order_by("article_id").values("pk"))


def _build_comment(incoming: ImportedCommentData, pk: int, parent: Comment | None) -> Comment:
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
    comment.set_parent(parent)
    return comment


def _changes(incoming: ImportedCommentData) -> dict[str, Any]:
    """Return the fields that an update may change. A comment decided at the source counts as reviewed."""
    return {
        "name": incoming.name,
        "name_key": confusables.confusable_key(incoming.name),
        "text": incoming.text,
        "text_hash": hash_text(incoming.text),
        "created_at": incoming.at,
        "reviewed_at": None if incoming.status == Status.PENDING else incoming.at,
        "picked_at": incoming.picked_at,
        "edited_at": incoming.edited_at,
        "redacted_at": incoming.redacted_at,
    }


def _first_decision(comment: Comment) -> Decision:
    return Decision(
        comment=comment, from_status=None, to_status=comment.status, cause=Cause.IMPORTED, at=comment.created_at
    )


def _count_in_conversations(comments: list[Comment]) -> None:
    public: dict[int, list[Comment]] = defaultdict(list)
    for comment in comments:
        if comment.is_public():
            public[comment.article_id].append(comment)
    for article, those in public.items():
        Conversation.objects.filter(article=article).update(
            public_count=F("public_count") + len(those),
            published_count=F("published_count") + len(those),
            pick_count=F("pick_count") + sum(comment.picked_at is not None for comment in those),
            version=F("version") + 1,
        )
