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

    `warn` receives each comment that is stored differently from the source, or not at all, with the reason.
    """

    def __init__(self, source: str, warn: Callable[[ImportedCommentData, str], None]) -> None:
        self._source, self._warn = source, warn
        self._pending: dict[str, ImportedCommentData] = {}
        self._finished_articles: set[int] = set()
        self.is_finished = False
        self.counts: Counter[str] = Counter()
        self.reassigned_ids: list[tuple[ImportedCommentData, int]] = []

    def add(self, data: ImportedCommentData) -> None:
        if data.key in self._pending:
            self._warn(data, DUPLICATE_ID)
            return
        self._pending[data.key] = data
        if len(self._pending) >= BATCH_SIZE and len(self._pending) % BATCH_SIZE == 0:
            self.flush()

    def finish_article(self, article: int) -> None:
        """Declare that no more comments of this article will follow."""
        self._finished_articles.add(article)

    def finish(self) -> None:
        self.is_finished = True
        self.flush()

    def flush(self) -> None:
        """Store all comments whose parents are known in one transaction. Keep the others."""
        batch = list(self._pending.values())
        if not batch:
            return
        with transaction.atomic():
            deferred = self._import_batch(batch)
        self._pending = {each.key: each for each in deferred}
        if not deferred:
            self._finished_articles.clear()

    def _import_batch(self, batch: list[ImportedCommentData]) -> list[ImportedCommentData]:
        imported = self._find_imported(each.key for each in batch)
        new = [each for each in batch if each.key not in imported]
        parents = self._find_imported(each.parent for each in new if each.parent)
        order = order_by_parents(
            new,
            {key: each.comment.article_id for key, each in parents.items()},
            is_complete=lambda each: self.is_finished or each.article in self._finished_articles,
            warn=self._warn,
        )
        _lock_conversations({each.article for each in batch})
        self._store(order, {key: each.comment for key, each in parents.items()})
        for each in batch:
            if each.key in imported:
                self._update(each, imported[each.key])
        return order.deferred

    def _find_imported(self, keys: Iterable[str]) -> dict[str, ImportedComment]:
        imported = ImportedComment.objects.filter(source=self._source, key__in=set(keys))
        comment_fields = [f"comment__{name}" for name in _PARENT_FIELDS if name != "pk"]
        return {
            each.key: each
            for each in imported.select_related("comment").only("key", "source_hash", "version", *comment_fields)
        }

    def _store(self, order: ThreadOrder, parents: dict[str, Comment]) -> None:
        if not order.placed:
            return
        ids = self._assign_ids([each for each, _parent in order.placed])
        by_key: dict[str, Comment] = {}
        for each, parent in order.placed:
            by_key[each.key] = _build_comment(each, ids[each.key], by_key.get(parent) or parents.get(parent))
        comments = list(by_key.values())
        pks = {comment.pk for comment in comments}
        set_counts(comment for comment in comments if (comment.thread_id or comment.pk) in pks)
        for comment in comments:
            comment.is_visible = comment.is_visible or comment.is_public()
        Comment.objects.bulk_create(comments, batch_size=500)
        recount({comment.thread_id for comment in comments if comment.thread_id} - pks)
        Decision.objects.bulk_create(_first_decision(comment) for comment in comments)
        ImportedComment.objects.bulk_create(
            ImportedComment(source=self._source, key=each.key, comment=by_key[each.key], source_hash=each.source_hash())
            for each, _parent in order.placed
        )
        _count_in_conversations(comments)
        self.counts["new"] += len(comments)

    def _assign_ids(self, batch: list[ImportedCommentData]) -> dict[str, int]:
        available = available_ids({each.preferred_id for each in batch})
        ids: dict[str, int] = {}
        remaining = []
        for each in batch:
            if each.preferred_id in available:
                ids[each.key] = each.preferred_id
                available.discard(each.preferred_id)
            else:
                remaining.append(each)
        for each, pk in zip(remaining, allocate_ids(len(remaining)) if remaining else [], strict=True):
            ids[each.key] = pk
            if each.preferred_id:
                self.reassigned_ids.append((each, pk))
        return ids

    def _update(self, data: ImportedCommentData, imported: ImportedComment) -> None:
        source_hash = data.source_hash()
        if imported.comment.article_id != data.article:
            self._warn(data, DUPLICATE_ID)
            return
        if imported.source_hash == source_hash:
            self.counts["unchanged"] += 1
            return
        comment = Comment.objects.get(pk=imported.comment_id)
        if comment.version != imported.version:
            self._warn(data, CHANGED_ON_BOTH_SIDES)
            self.counts["kept"] += 1
            return
        try:
            decide(comment, data.status, actor=None, cause=Cause.IMPORTED, **_changes(data))
        except InvalidTransition:
            self._warn(data, CHANGED_ON_BOTH_SIDES)
            self.counts["kept"] += 1
            return
        ImportedComment.objects.filter(pk=imported.pk).update(source_hash=source_hash, version=comment.version)
        self.counts["changed"] += 1


def _lock_conversations(articles: Collection[int]) -> None:
    """Lock the conversations of these articles in a fixed order."""
    Conversation.objects.bulk_create((Conversation(article_id=pk) for pk in articles), ignore_conflicts=True)
    list(Conversation.objects.select_for_update().filter(article__in=articles).order_by("article_id").values("pk"))


def _build_comment(data: ImportedCommentData, pk: int, parent: Comment | None) -> Comment:
    comment = Comment(
        pk=pk,
        article_id=data.article,
        status=data.status,
        decided_at=data.at,
        device=data.device,
        network=data.network,
        staff=data.staff,
        **_changes(data),
    )
    comment.set_parent(parent)
    return comment


def _changes(data: ImportedCommentData) -> dict[str, Any]:
    """Return the fields that an update may change. A comment decided at the source counts as reviewed."""
    return {
        "name": data.name,
        "name_key": confusables.confusable_key(data.name),
        "text": data.text,
        "text_hash": hash_text(data.text),
        "created_at": data.at,
        "reviewed_at": None if data.status == Status.PENDING else data.at,
        "picked_at": data.picked_at,
        "edited_at": data.edited_at,
        "redacted_at": data.redacted_at,
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
    for article, article_comments in public.items():
        Conversation.objects.filter(article=article).update(
            public_count=F("public_count") + len(article_comments),
            published_count=F("published_count") + len(article_comments),
            pick_count=F("pick_count") + sum(comment.picked_at is not None for comment in article_comments),
            version=F("version") + 1,
        )
