"""Blocks that a submission runs into, and what one would have caught."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.db.compiled_query import Asked, PreparedQuery
from comments.identity import Reader
from comments.models import Block, Comment
from comments.models.comment import CommentQuerySet
from comments.rules.facts import Hit, Outcome
from comments.text import confusables
from comments.text.hosts import with_parents
from comments.text.links import Link, links_in

Kind = Block.Kind
_COLUMNS: dict[str, str] = {
    Kind.DEVICE: "device",
    Kind.NETWORK: "network",
    Kind.NAME: "name_key",
}  # of a comment, where a key stands
HOSTS = 100  # of one comment; who links to more is held for that
CAUGHT_DAYS = 30
COUNTED = 500  # then it is "500+"
SHOWN = 20
LOOKED_THROUGH = 5_000  # the newest comments, for links


Blockable = dict[tuple[str, str], list[str]]  # by kind and key, the reader's words


def blockable(reader: Reader, name: str, links: Iterable[Link]) -> Blockable:
    """What a block may be kept under."""
    texts: Blockable = {
        (Kind.DEVICE, reader.device or ""): [],
        (Kind.NETWORK, reader.network): [],
    }
    texts |= {(Kind.NAME, key): [name] for key in confusables.keys(name)}
    for link in list({link.host: link for link in links}.values())[:HOSTS]:
        for host in with_parents(link.host):
            texts.setdefault((Kind.DOMAIN, host), []).append(link.shown)
    return texts


def asked_for_blocks(texts: Blockable) -> Asked:
    return _UNDER_KEY.given_each(sorted({key for _kind, key in texts if key}))


def blocks_on(texts: Blockable, rows: Iterable[tuple[Any, ...]]) -> tuple[Hit, ...]:
    """The active ones of those that `asked_for_blocks` has found: nearly always there are none."""
    pks = [pk for pk, kind, key in rows if (kind, key) in texts]
    found = Block.objects.active().filter(pk__in=pks).order_by("pk") if pks else ()
    return tuple(_hit(block, texts[block.kind, block.key]) for block in found)


def _under_key(key: str) -> QuerySet[Block, tuple[Any, ...]]:
    return Block.objects.filter(key=key).order_by().values_list("pk", "kind", "key")


_UNDER_KEY = PreparedQuery(Block, _under_key, key="\N{PILCROW SIGN}")


def _hit(block: Block, matched: list[str]) -> Hit:
    return Hit(
        entry=f"block:{block.pk}",
        outcome=Outcome[block.outcome.upper()],
        what=_("Blocked: %(block)s (%(reason)s)") % {"block": block, "reason": block.reason},
        refusal=_refusal(block, matched),
        matched=tuple(matched[:SHOWN]),
    )


def _refusal(block: Block, matched: list[str]) -> str:
    """Says what is not taken and until when, never why: the reason is for colleagues."""
    match block.kind:
        case Kind.DOMAIN:
            return _("Links to “%s” aren’t allowed in comments.") % matched[0]
        case Kind.NAME:
            return _("This name can’t be used for comments.")
    if block.ends_at is None:
        return _("You’ve been blocked from commenting.")
    ends = date_format(timezone.localtime(block.ends_at), "DATETIME_FORMAT")
    return _("You’ve been blocked from commenting until %s.") % ends


@dataclass(frozen=True)
class Caught:
    """`count` is no more than COUNTED, and `is_more` says that there are more. `looked_through` is None for all."""

    count: int
    is_more: bool
    comments: list[Comment]
    looked_through: int | None = None


def caught_by(block: Block) -> Caught:
    """What it would have caught of readers' comments in the last CAUGHT_DAYS days, the newest first."""
    recent = Comment.objects.filter(created_at__gt=timezone.now() - timedelta(days=CAUGHT_DAYS), staff=None)
    if block.kind in _COLUMNS:
        return _counted(recent.filter(**{_COLUMNS[block.kind]: block.key}))
    return _linking(recent, block.key)


def caught_words(block: Block, comment: Comment) -> list[str] | None:
    """Of a comment that this block, active or not, would have caught: what was matched, maybe nothing. Else None."""
    if block.kind == Kind.DOMAIN:
        return _shown(comment.text, block.key) or None
    if block.kind == Kind.NAME:
        return [comment.name] if block.key in confusables.keys(comment.name) else None
    return [] if getattr(comment, _COLUMNS[block.kind]) == block.key else None


def _shown(text: str, domain: str) -> list[str]:
    """The links in this text that lead to the domain or to what belongs to it."""
    return [link.shown for link in links_in(text) if domain in with_parents(link.host)]


def _counted(caught: CommentQuerySet) -> Caught:
    count = caught.order_by()[: COUNTED + 1].count()
    comments = list(caught.newest().select_related("article")[:SHOWN])
    return Caught(min(count, COUNTED), count > COUNTED, comments)


def _linking(recent: CommentQuerySet, domain: str) -> Caught:
    """Hosts are in no index: the newest comments are read through."""
    newest = recent.newest().values_list("pk", "text")[: LOOKED_THROUGH + 1]
    looked = 0
    pks: list[int] = []
    for pk, text in newest.iterator(chunk_size=500):
        looked += 1
        if looked > LOOKED_THROUGH or len(pks) > COUNTED:
            break
        if _shown(text, domain):
            pks.append(pk)
    comments = Comment.objects.filter(pk__in=pks[:SHOWN]).newest().select_related("article")
    looked_through = LOOKED_THROUGH if looked > LOOKED_THROUGH else None
    return Caught(min(len(pks), COUNTED), len(pks) > COUNTED, list(comments), looked_through)
