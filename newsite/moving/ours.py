"""What of ours has no place in a WordPress export stands in its meta fields, under these names: both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime
import json

from newsite.wordpress.records import Post

Meta = dict[str, list[str]]

PREFIX = "_newsite_"
FORMAT = f"{PREFIX}format"  # there: the content is an article's body as it is
AT = f"{PREFIX}at"  # exactly; the fields for times have whole seconds
CLOSES_AFTER = f"{PREFIX}closes_after"
CORRECTION = f"{PREFIX}correction"  # JSON: at, text
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
UPDATED_AT = f"{PREFIX}updated_at"
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


def number(meta: Meta, key: str) -> int | None:
    text = first(meta, key)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def corrections(meta: Meta) -> list[tuple[datetime, str]]:
    found = []
    for each in meta.get(CORRECTION, []):
        try:
            correction = json.loads(each)
            found.append((datetime.fromisoformat(correction["at"]), str(correction["text"])))
        except (ValueError, TypeError, KeyError, RecursionError):  # not written by us
            continue
    return found


def day(post: Post) -> date | None:
    try:
        return date.fromisoformat(first(post.meta, DAY))
    except ValueError:
        return None
