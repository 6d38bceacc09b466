"""What of ours has no place in a WordPress export stands in its meta fields, under these names: both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime

from newsite.wordpress.records import Post

Meta = dict[str, list[str]]

PREFIX = "_newsite_"
FORMAT = f"{PREFIX}format"  # its content is an article's body as it is
DAY = f"{PREFIX}day"
DESCRIPTION = f"{PREFIX}description"
LANGUAGE = f"{PREFIX}language"
POLICY = f"{PREFIX}policy"
UNPUBLISH_AT = f"{PREFIX}unpublish_at"
# of comments
EDITED_AT = f"{PREFIX}edited_at"
PICKED_AT = f"{PREFIX}picked_at"
REDACTED_AT = f"{PREFIX}redacted_at"
STAFF = f"{PREFIX}staff"
STATUS = f"{PREFIX}status"
PLAIN = f"{PREFIX}plain"  # its content is plain text


def first(meta: Meta, key: str) -> str:
    return next(iter(meta.get(key, [])), "")


def is_ours(meta: Meta) -> bool:
    return bool(first(meta, FORMAT))


def moment(meta: Meta, key: str) -> datetime | None:
    """As `isoformat` writes it."""
    try:
        at = datetime.fromisoformat(first(meta, key))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day(post: Post) -> date | None:
    try:
        return date.fromisoformat(first(post.meta, DAY))
    except ValueError:
        return None
