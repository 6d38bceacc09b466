"""A WordPress post as an article of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.content.sanitizer import clean_body
from articles.imports import SLUG_LENGTH, Piece
from articles.text import beginning_of, is_blank, without_controls
from newsite.importers.html_to_text import as_line
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.html import convert
from newsite.importers.wordpress.media_library import Library
from newsite.importers.wordpress.records import Post, When
from newsite.importers.wordpress.terms import Terms, as_slug

HEADLINE, STANDFIRST, DESCRIPTION = 250, 600, 300
_DESCRIBED = ("_yoast_wpseo_metadesc", "rank_math_description")
_LEFT = {"trash": "it is in the trash", "auto-draft": "an empty autosaved draft", "inherit": "a revision"}
_READY = "pending"


class NotTaken(Exception):
    """Why this post becomes no article."""


@dataclass
class Made:
    """`remarks`: what is not as it was there."""

    piece: Piece
    remarks: list[str] = field(default_factory=list)


def make(post: Post, terms: Terms, library: Library, *, takes_pages: bool, language: str) -> Made:
    """Raises NotTaken."""
    _refuse(post, takes_pages=takes_pages)
    remarks: list[str] = []
    published_at = _published_at(post, remarks)
    body = _body(post, library, remarks)
    headline = _headline(post, body, remarks)
    standfirst = _said(post, post.excerpt)
    if len(standfirst) > STANDFIRST:
        remarks.append(f"its excerpt was cut to {STANDFIRST} characters")
    if post.is_sticky:
        remarks.append("it was sticky: arrange the front page in the admin")
    piece = Piece(
        key=str(post.id),
        headline=headline,
        section=terms.section_of(post),
        body=body,
        standfirst=_cut(standfirst, STANDFIRST),
        description=_description(post, remarks),
        slug=_slug(post),
        day=newsite_meta.day(post) or (_day(post, published_at) if published_at else None),
        published_at=published_at,
        unpublish_at=newsite_meta.moment(post.meta, newsite_meta.UNPUBLISH_AT),
        is_ready=post.status == _READY,
        updated_at=newsite_meta.moment(post.meta, newsite_meta.UPDATED_AT),
        first_published_at=newsite_meta.moment(post.meta, newsite_meta.FIRST_AT),
        language=language_of(newsite_meta.first(post.meta, newsite_meta.LANGUAGE)) or language,
        picture=library.lead_of(post, remarks),
        authors=terms.authors_of(post),
        tags=terms.tags_of(post),
    )
    return Made(piece, remarks)


def named(post: Post) -> str:
    """For the report."""
    return f"{post.kind} {post.id} “{beginning_of(as_line(post.title), 40)}”"


def instant(when: When) -> datetime | None:
    """In UTC. Where the export has only the time of its own clock, that is taken for ours."""
    if when.utc or when.local is None:
        return when.utc
    return timezone.make_aware(when.local).astimezone(UTC)


def _refuse(post: Post, *, takes_pages: bool) -> None:
    if not post.id:
        raise NotTaken("it has no id")
    if post.kind == "page" and not takes_pages:
        raise NotTaken("a page; use --pages-section to import pages")
    if post.kind not in {"post", "page"}:
        raise NotTaken(f"of type {post.kind}, not an article")
    if post.status in _LEFT:
        raise NotTaken(_LEFT[post.status])


def _published_at(post: Post, remarks: list[str]) -> datetime | None:
    """None for a draft, and for whatever not everybody could read there."""
    if newsite_meta.is_ours(post.meta):
        return newsite_meta.moment(post.meta, newsite_meta.AT)
    at = instant(post.at)
    if post.password:
        remarks.append("it was password-protected: imported as a draft")
    elif post.status == "private":
        remarks.append("it was private: imported as a draft")
    elif post.status in {"publish", "future"}:
        if at is None:
            remarks.append("it has no date: imported as a draft")
        return at
    elif post.status not in {"draft", _READY}:
        remarks.append(f"its status is {post.status or 'missing'}, which is unknown: imported as a draft")
    return None


def _body(post: Post, library: Library, remarks: list[str]) -> str:
    if newsite_meta.is_ours(post.meta):
        return clean_body(library.with_our_pictures(post.content))
    converted = convert(post.content, media=library.of(post.id))
    remarks += converted.remarks
    return converted.html


def _headline(post: Post, body: str, remarks: list[str]) -> str:
    headline = _said(post, post.title)
    if is_blank(headline):
        remarks.append("it has no title")
        return beginning_of(as_line(body), 80) or _("Untitled")
    if len(headline) > HEADLINE:
        remarks.append(f"its title was cut to {HEADLINE} characters")
    return _cut(headline, HEADLINE)


def _description(post: Post, remarks: list[str]) -> str:
    """What was written for search engines; a template for it, which has percent signs, is none."""
    described = next(
        (text for key in (newsite_meta.DESCRIPTION, *_DESCRIBED) for text in post.meta.get(key, []) if text), ""
    )
    description = "" if "%%" in described else _said(post, described)
    if len(description) > DESCRIPTION:
        remarks.append(f"its description has more than {DESCRIPTION} characters: cut")
    return _cut(description, DESCRIPTION)


def _said(post: Post, text: str) -> str:
    """In one line, unless it is ours: then exactly so."""
    return without_controls(unescape(text)) if newsite_meta.is_ours(post.meta) else as_line(text)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else beginning_of(text, length)


def _slug(post: Post) -> str:
    """Empty where there is none yet."""
    return as_slug(post.slug)[:SLUG_LENGTH]


def _day(post: Post, published_at: datetime) -> date:
    return post.at.local.date() if post.at.local else timezone.localdate(published_at)


def language_of(code: str) -> str:
    """The site's language, of those that we have; empty for another."""
    known = {known.lower() for known, _name in settings.LANGUAGES}
    wanted = code.strip().lower().replace("_", "-")
    return next((each for each in (wanted, wanted.partition("-")[0]) if each in known), "")
