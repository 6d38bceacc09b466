"""What of ours has no place in a WordPress export stands in its meta fields, under these names: both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from html import escape, unescape
import json
import re

from articles.content.sanitizer import CAPTION_PATTERN
from articles.text import strip_control_chars
from newsite.importers.wordpress.records import WordPressPost

Meta = dict[str, list[str]]

PREFIX = "_newsite_"
FORMAT = f"{PREFIX}format"  # there: the content is an article's body as it is
AT = f"{PREFIX}at"  # exactly; the fields for times have whole seconds
CLOSES_AFTER = f"{PREFIX}closes_after"
CORRECTION = f"{PREFIX}correction"  # JSON: at, text
CREDIT = f"{PREFIX}credit"
DAY = f"{PREFIX}day"
DESCRIPTION = f"{PREFIX}description"
EDITED_AT = f"{PREFIX}edited_at"
FIRST_PUBLISHED_AT = f"{PREFIX}first_published_at"
FOCUS_X, FOCUS_Y = f"{PREFIX}focus_x", f"{PREFIX}focus_y"
FRONT_PAGE_SLOT = f"{PREFIX}front_place"
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
IMAGE_ID_OFFSET = 10**9  # added to the id of a picture, since WordPress counts posts and pictures together

_IN_CAPTION = rf"(?:<figcaption>({CAPTION_PATTERN})</figcaption>)?"
_STORED_PICTURE = re.compile(rf'<figure data-picture="(\d+)">{_IN_CAPTION}</figure>')
_STORED_EMBED = re.compile(r'(<figure data-embed="([^"<]*)">)')
_OUT_PICTURE = re.compile(rf'<figure><img src="([^"<]*)" alt="([^"<]*)">{_IN_CAPTION}</figure>')
_OUT_EMBED = re.compile(r'(<figure data-embed="[^"<]*">)<a href="[^"<]*">[^<]*</a>')


def first_value(meta: Meta, key: str) -> str:
    return next(iter(meta.get(key, [])), "")


def is_newsite_export(meta: Meta) -> bool:
    return bool(first_value(meta, FORMAT))


def parse_datetime(meta: Meta, key: str) -> datetime | None:
    """As `isoformat` writes it."""
    try:
        at = datetime.fromisoformat(first_value(meta, key))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def parse_number(meta: Meta, key: str) -> int | None:
    text = first_value(meta, key)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def corrections(meta: Meta) -> list[tuple[datetime, str]]:
    found = []
    for each in meta.get(CORRECTION, []):
        try:
            correction = json.loads(each)
            found.append((datetime.fromisoformat(correction["at"]), strip_control_chars(str(correction["text"]))))
        except (ValueError, TypeError, KeyError, RecursionError):  # not written by us
            continue
    return found


def day(post: WordPressPost) -> date | None:
    try:
        return date.fromisoformat(first_value(post.meta, DAY))
    except ValueError:
        return None


def body_for_export(body: str, address_of: Callable[[int], tuple[str, str] | None]) -> str:
    """Pictures by address and alternative text, so that others can show them; embeds with a link. None: it is gone."""

    def picture(match: re.Match[str]) -> str:
        found = address_of(int(match[1]))
        caption = f"<figcaption>{match[2]}</figcaption>" if match[2] else ""
        if found is None:
            return ""
        return f'<figure><img src="{escape(found[0])}" alt="{escape(found[1])}">{caption}</figure>'

    body = _STORED_PICTURE.sub(picture, body)
    return _STORED_EMBED.sub(lambda match: f'{match[1]}<a href="{match[2]}">{match[2]}</a>', body)


def body_from_export(body: str, reference: Callable[[str, str, str], str]) -> str:
    """The way back. `reference` makes what stands in a body of an address, an alternative text and a caption (HTML)."""

    def picture(match: re.Match[str]) -> str:
        return reference(unescape(match[1]), unescape(match[2]), match[3] or "")

    return _OUT_EMBED.sub(r"\1", _OUT_PICTURE.sub(picture, body))
