"""Blocks that match a submission, and previews of the comments that a block would have caught."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.db.compiled_query import TEXT_MARK, BoundQuery, CompiledQuery
from comments.identity import Reader
from comments.models import Block, Comment
from comments.models.comment import CommentQuerySet
from comments.rules.facts import FilterMatch, Outcome
from comments.text import confusables
from comments.text.hosts import parent_domains
from comments.text.links import Link, extract_links

BlockKind = Block.Kind
# Fields of Comment that hold the key.
_COLUMNS: dict[str, str] = {
    BlockKind.DEVICE: "device",
    BlockKind.NETWORK: "network",
    BlockKind.NAME: "name_key",
}
MAX_HOSTS = 100  # for each comment; another rule holds comments with more links
PREVIEW_DAYS = 30
MAX_MATCHES_COUNTED = 500  # more are shown as "500+"
MAX_MATCHES_SHOWN = 20
MAX_COMMENTS_SCANNED = 5_000  # newest comments, to search for links


BlockKeys = dict[tuple[str, str], list[str]]  # the reader's words by kind and key


def block_keys(reader: Reader, name: str, links: Iterable[Link]) -> BlockKeys:
    """Return the keys that blocks of this submission could have, with the matching words."""
    texts: BlockKeys = {
        (BlockKind.DEVICE, reader.device or ""): [],
        (BlockKind.NETWORK, reader.network): [],
    }
    texts |= {(BlockKind.NAME, key): [name] for key in confusables.confusable_keys(name)}
    for link in list({link.host: link for link in links}.values())[:MAX_HOSTS]:
        for host in parent_domains(link.host):
            texts.setdefault((BlockKind.DOMAIN, host), []).append(link.shown)
    return texts


def bind_blocks(texts: BlockKeys) -> BoundQuery:
    return _KEY_QUERY.bind_many(sorted({key for _kind, key in texts if key}))


def match_blocks(texts: BlockKeys, rows: Iterable[tuple[Any, ...]]) -> tuple[FilterMatch, ...]:
    """Return matches of active blocks among the `rows` found by `bind_blocks`; usually an empty tuple."""
    pks = [pk for pk, kind, key in rows if (kind, key) in texts]
    found = Block.objects.active().filter(pk__in=pks).order_by("pk") if pks else ()
    return tuple(_match(block, texts[block.kind, block.key]) for block in found)


def _by_key(key: str) -> QuerySet[Block, tuple[Any, ...]]:
    return Block.objects.filter(key=key).order_by().values_list("pk", "kind", "key")


_KEY_QUERY = CompiledQuery(Block, _by_key, key=TEXT_MARK)


def _match(block: Block, matched: list[str]) -> FilterMatch:
    return FilterMatch(
        entry=f"block:{block.pk}",
        outcome=Outcome[block.outcome.upper()],
        moderator_message=_("Blocked: %(block)s (%(reason)s)") % {"block": block, "reason": block.reason},
        reader_message=_refusal(block, matched),
        matched=tuple(matched[:MAX_MATCHES_SHOWN]),
    )


def _refusal(block: Block, matched: list[str]) -> str:
    """Return the message for the reader: what is blocked and until when. The reason is for staff only."""
    match block.kind:
        case BlockKind.DOMAIN:
            return _("Links to “%s” aren’t allowed in comments.") % matched[0]
        case BlockKind.NAME:
            return _("This name can’t be used for comments.")
    if block.ends_at is None:
        return _("You’ve been blocked from commenting.")
    ends = date_format(timezone.localtime(block.ends_at), "DATETIME_FORMAT")
    return _("You’ve been blocked from commenting until %s.") % ends


@dataclass(frozen=True)
class BlockPreview:
    """Preview of a block.

    `count` is at most MAX_MATCHES_COUNTED; `is_more` says that there are more. `scanned_count` is the number of scanned
    comments, None if all were.
    """

    count: int
    is_more: bool
    comments: list[Comment]
    scanned_count: int | None = None


def preview_block(block: Block) -> BlockPreview:
    """Preview which readers' comments of the last PREVIEW_DAYS days the block would have caught, newest first."""
    recent = Comment.objects.filter(created_at__gt=timezone.now() - timedelta(days=PREVIEW_DAYS), staff=None)
    if block.kind in _COLUMNS:
        return _preview(recent.filter(**{_COLUMNS[block.kind]: block.key}))
    return _preview_links(recent, block.key)


def block_matches(block: Block, comment: Comment) -> list[str] | None:
    """Return the matched words if the block, active or not, would have caught the comment.

    The list may be empty. Return None if the block does not match.
    """
    if block.kind == BlockKind.DOMAIN:
        return _matching_links(comment.text, block.key) or None
    if block.kind == BlockKind.NAME:
        return [comment.name] if block.key in confusables.confusable_keys(comment.name) else None
    return [] if getattr(comment, _COLUMNS[block.kind]) == block.key else None


def _matching_links(text: str, domain: str) -> list[str]:
    """Return the links in the text to this domain or its subdomains."""
    return [link.shown for link in extract_links(text) if domain in parent_domains(link.host)]


def _preview(caught: CommentQuerySet) -> BlockPreview:
    count = caught.order_by()[: MAX_MATCHES_COUNTED + 1].count()
    comments = list(caught.newest_first().select_related("article")[:MAX_MATCHES_SHOWN])
    return BlockPreview(min(count, MAX_MATCHES_COUNTED), count > MAX_MATCHES_COUNTED, comments)


def _preview_links(recent: CommentQuerySet, domain: str) -> BlockPreview:
    """Preview a block of a domain by scanning the newest comments, because hosts are not indexed."""
    newest = recent.newest_first().values_list("pk", "text")[: MAX_COMMENTS_SCANNED + 1]
    looked = 0
    pks: list[int] = []
    for pk, text in newest.iterator(chunk_size=500):
        looked += 1
        if looked > MAX_COMMENTS_SCANNED or len(pks) > MAX_MATCHES_COUNTED:
            break
        if _matching_links(text, domain):
            pks.append(pk)
    comments = Comment.objects.filter(pk__in=pks[:MAX_MATCHES_SHOWN]).newest_first().select_related("article")
    looked_through = MAX_COMMENTS_SCANNED if looked > MAX_COMMENTS_SCANNED else None
    return BlockPreview(
        min(len(pks), MAX_MATCHES_COUNTED), len(pks) > MAX_MATCHES_COUNTED, list(comments), looked_through
    )
