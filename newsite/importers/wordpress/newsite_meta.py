"""Meta fields for data of this software that WordPress exports have no field for, used by export and import."""

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
FORMAT = f"{PREFIX}format"  # if present, the content is the body of an article without changes
AT = f"{PREFIX}at"  # with fractions of seconds, which the fields for times lack
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
REDIRECT = f"{PREFIX}redirect"  # old path of the article
STAFF = f"{PREFIX}staff"
STATUS = f"{PREFIX}status"  # of a comment, if WordPress has no such status
TINT = f"{PREFIX}tint"
UPDATED_AT = f"{PREFIX}updated_at"
UNPUBLISH_AT = f"{PREFIX}unpublish_at"

GENERATOR = "newsite"  # of exports of this software
IMAGE_ID_OFFSET = 10**9  # added to ids of images, because WordPress numbers posts and images together

_IN_CAPTION = rf"(?:<figcaption>({CAPTION_PATTERN})</figcaption>)?"
_STORED_IMAGE = re.compile(rf'<figure data-image="(\d+)">{_IN_CAPTION}</figure>')
_STORED_EMBED = re.compile(r'(<figure data-embed="([^"<]*)">)')
_EXPORTED_IMAGE = re.compile(rf'<figure><img src="([^"<]*)" alt="([^"<]*)">{_IN_CAPTION}</figure>')
_EXPORTED_EMBED = re.compile(r'(<figure data-embed="[^"<]*">)<a href="[^"<]*">[^<]*</a>')


def first_value(meta: Meta, key: str) -> str:
    return next(iter(meta.get(key, [])), "")


def is_newsite_export(meta: Meta) -> bool:
    return bool(first_value(meta, FORMAT))


def parse_datetime(meta: Meta, key: str) -> datetime | None:
    """Parse the format of `isoformat`; return None if it is invalid."""
    try:
        at = datetime.fromisoformat(first_value(meta, key))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def parse_number(meta: Meta, key: str) -> int | None:
    text = first_value(meta, key)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def corrections(meta: Meta) -> list[tuple[datetime, str]]:
    parsed = []
    for each in meta.get(CORRECTION, []):
        try:
            correction = json.loads(each)
            parsed.append((datetime.fromisoformat(correction["at"]), strip_control_chars(str(correction["text"]))))
        except (ValueError, TypeError, KeyError, RecursionError):  # not written by this software
            continue
    return parsed


def day(post: WordPressPost) -> date | None:
    try:
        return date.fromisoformat(first_value(post.meta, DAY))
    except ValueError:
        return None


def body_for_export(body: str, address_of: Callable[[int], tuple[str, str] | None]) -> str:
    """Return the body with image addresses and alt texts, so that other software can show it, and with links in embeds.

    `address_of` returns None for a deleted image, which is removed.
    """

    def image_html(match: re.Match[str]) -> str:
        image = address_of(int(match[1]))
        caption = f"<figcaption>{match[2]}</figcaption>" if match[2] else ""
        if image is None:
            return ""
        return f'<figure><img src="{escape(image[0])}" alt="{escape(image[1])}">{caption}</figure>'

    body = _STORED_IMAGE.sub(image_html, body)
    return _STORED_EMBED.sub(lambda match: f'{match[1]}<a href="{match[2]}">{match[2]}</a>', body)


def body_from_export(body: str, reference: Callable[[str, str, str], str]) -> str:
    """Return the body of an article from an exported one.

    `reference` returns the stored form of an image for its address, alt text and caption (HTML).
    """

    def image_html(match: re.Match[str]) -> str:
        return reference(unescape(match[1]), unescape(match[2]), match[3] or "")

    return _EXPORTED_EMBED.sub(r"\1", _EXPORTED_IMAGE.sub(image_html, body))
