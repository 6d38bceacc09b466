"""Conversion of WordPress posts to articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.content.sanitizer import clean_body
from articles.imports import MAX_SLUG_LENGTH, ArticleData
from articles.text import is_blank, strip_control_chars, truncate
from newsite.importers.html_to_text import html_to_line
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.html import convert_html
from newsite.importers.wordpress.media_library import MediaLibrary
from newsite.importers.wordpress.records import LocalAndUtc, WordPressPost
from newsite.importers.wordpress.terms import TermMapper, to_slug

MAX_HEADLINE_LENGTH, MAX_STANDFIRST_LENGTH, MAX_DESCRIPTION_LENGTH = 250, 600, 300
_DESCRIPTION_KEYS = ("_yoast_wpseo_metadesc", "rank_math_description")
_SKIPPED_STATUSES = {"trash": "it is in the trash", "auto-draft": "an empty autosaved draft", "inherit": "a revision"}
_READY_STATUS = "pending"


class Skipped(Exception):
    """Reason why a record is not imported."""


@dataclass
class ConvertedPost:
    """Converted post; `remarks` describe what was lost or changed."""

    article_data: ArticleData
    remarks: list[str] = field(default_factory=list)


def build_article(
    post: WordPressPost, terms: TermMapper, library: MediaLibrary, *, import_pages: bool, language: str
) -> ConvertedPost:
    """Build the article.

    Raise Skipped if the post cannot be imported.
    """
    _check_importable(post, import_pages=import_pages)
    remarks: list[str] = []
    published_at = _published_at(post, remarks)
    body = _body(post, library, remarks)
    headline = _headline(post, body, remarks)
    standfirst = _plain_line(post, post.excerpt)
    if len(standfirst) > MAX_STANDFIRST_LENGTH:
        remarks.append(f"its excerpt was cut to {MAX_STANDFIRST_LENGTH} characters")
    if post.is_sticky:
        remarks.append("it was sticky: arrange the front page in the admin")
    article_data = ArticleData(
        key=str(post.id),
        headline=headline,
        section=terms.section_of(post),
        body=body,
        standfirst=_truncate(standfirst, MAX_STANDFIRST_LENGTH),
        description=_description(post, remarks),
        slug=_slug(post),
        day=newsite_meta.day(post) or (_day(post, published_at) if published_at else None),
        published_at=published_at,
        unpublish_at=newsite_meta.parse_datetime(post.meta, newsite_meta.UNPUBLISH_AT),
        is_ready=post.status == _READY_STATUS,
        updated_at=newsite_meta.parse_datetime(post.meta, newsite_meta.UPDATED_AT),
        first_published_at=newsite_meta.parse_datetime(post.meta, newsite_meta.FIRST_PUBLISHED_AT),
        language=match_language(newsite_meta.first_value(post.meta, newsite_meta.LANGUAGE)) or language,
        lead_image=library.lead_image_of(post, remarks),
        authors=terms.authors_of(post),
        tags=terms.tags_of(post),
    )
    return ConvertedPost(article_data, remarks)


def describe(post: WordPressPost) -> str:
    """Return the name of the post for the report."""
    return f"{post.kind} {post.id} “{truncate(html_to_line(post.title), 40)}”"


def to_utc(time: LocalAndUtc) -> datetime | None:
    """Return the time in UTC; a local time without UTC is read in the time zone of this site."""
    if time.utc or time.local is None:
        return time.utc
    return timezone.make_aware(time.local).astimezone(UTC)


def _check_importable(post: WordPressPost, *, import_pages: bool) -> None:
    if not post.id:
        raise Skipped("it has no id")
    if post.kind == "page" and not import_pages:
        raise Skipped("a page; use --pages-section to import pages")
    if post.kind not in {"post", "page"}:
        raise Skipped(f"of type {post.kind}, not an article")
    if post.status in _SKIPPED_STATUSES:
        raise Skipped(_SKIPPED_STATUSES[post.status])


def _published_at(post: WordPressPost, remarks: list[str]) -> datetime | None:
    """Return the time of publication; None for a draft and for a post that was not public."""
    if newsite_meta.is_newsite_export(post.meta):
        return newsite_meta.parse_datetime(post.meta, newsite_meta.AT)
    at = to_utc(post.at)
    if post.password:
        remarks.append("it was password-protected: imported as a draft")
    elif post.status == "private":
        remarks.append("it was private: imported as a draft")
    elif post.status in {"publish", "future"}:
        if at is None:
            remarks.append("it has no date: imported as a draft")
        return at
    elif post.status not in {"draft", _READY_STATUS}:
        remarks.append(f"its status is {post.status or 'missing'}, which is unknown: imported as a draft")
    return None


def _body(post: WordPressPost, library: MediaLibrary, remarks: list[str]) -> str:
    if newsite_meta.is_newsite_export(post.meta):
        return clean_body(library.restore_images(post.content))
    converted = convert_html(post.content, media=library.for_post(post.id))
    remarks += converted.remarks
    return converted.html


def _headline(post: WordPressPost, body: str, remarks: list[str]) -> str:
    title = _plain_line(post, post.title)
    headline = _truncate(title, MAX_HEADLINE_LENGTH)
    if is_blank(headline):
        remarks.append("it has no title")
        beginning = truncate(html_to_line(body), 80)
        return _("Untitled") if is_blank(beginning) else beginning
    if headline != title:
        remarks.append(f"its title was cut to {MAX_HEADLINE_LENGTH} characters")
    return headline


def _description(post: WordPressPost, remarks: list[str]) -> str:
    """Return the description for search engines, unless it is a template with percent signs."""
    value = next(
        (text for key in (newsite_meta.DESCRIPTION, *_DESCRIPTION_KEYS) for text in post.meta.get(key, []) if text), ""
    )
    description = "" if "%%" in value else _plain_line(post, value)
    if len(description) > MAX_DESCRIPTION_LENGTH:
        remarks.append(f"its description has more than {MAX_DESCRIPTION_LENGTH} characters: cut")
    return _truncate(description, MAX_DESCRIPTION_LENGTH)


def _plain_line(post: WordPressPost, text: str) -> str:
    """Return the text in one line; unchanged if the export is from this software."""
    return strip_control_chars(unescape(text)) if newsite_meta.is_newsite_export(post.meta) else html_to_line(text)


def _truncate(text: str, length: int) -> str:
    return text if len(text) <= length else truncate(text, length)


def _slug(post: WordPressPost) -> str:
    """Return the slug; empty if not assigned yet."""
    return to_slug(post.slug)[:MAX_SLUG_LENGTH]


def _day(post: WordPressPost, published_at: datetime) -> date:
    return post.at.local.date() if post.at.local else timezone.localdate(published_at)


def match_language(code: str) -> str:
    """Return the site's language if it is supported; else an empty string."""
    supported = {code.lower() for code, _name in settings.LANGUAGES}
    normalized = code.strip().lower().replace("_", "-")
    return next((language for language in (normalized, normalized.partition("-")[0]) if language in supported), "")
