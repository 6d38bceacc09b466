"""What of ours has no place in a WordPress export stands in its meta fields, under these names: both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime

from newsite.wordpress.records import Post

Meta = dict[str, list[str]]

PREFIX = "_newsite_"
FORMAT = f"{PREFIX}format"  # there: the content is an article's body as it is
AT = f"{PREFIX}at"  # exactly; the fields for times have whole seconds
DAY = f"{PREFIX}day"
DESCRIPTION = f"{PREFIX}description"
EDITED_AT = f"{PREFIX}edited_at"
FIRST_AT = f"{PREFIX}first_published_at"
LANGUAGE = f"{PREFIX}language"
ORDER = f"{PREFIX}order"  # of sections
PICKED_AT = f"{PREFIX}picked_at"
POLICY = f"{PREFIX}policy"
REDACTED_AT = f"{PREFIX}redacted_at"
REDIRECT = f"{PREFIX}redirect"  # a path that leads to the article
STAFF = f"{PREFIX}staff"
STATUS = f"{PREFIX}status"  # of a comment, where WordPress has none for it
TINT = f"{PREFIX}tint"
UNPUBLISH_AT = f"{PREFIX}unpublish_at"

GENERATOR = "newsite"  # of an export of ours


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
