"""Export as WordPress eXtended RSS 1.2, for other systems and for the import of this software, without loss of data.

Data without a field in that format is stored in the meta fields of `newsite.importers.wordpress.newsite_meta`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
import json
from typing import Any
from xml.sax.saxutils import escape as escape_xml
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.utils import timezone

from articles.models import Article, Author, Image, Section, SiteSettings, Tag
from articles.text import strip_control_chars
from comments.models import Comment
from comments.statuses import Policy, Status
from newsite.exporters.records import ArticleExport, exported_text, image_url, iter_articles
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.first_pass import ALT_TEXT_KEY, ATTACHED_FILE_KEY
from newsite.importers.wordpress.media_library import LEAD_IMAGE_KEY

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"""
_TAIL = "</channel>\n</rss>\n"
_ZERO = "0000-00-00 00:00:00"
_STATES = {Status.APPROVED: "1", Status.PENDING: "0", Status.REJECTED: "trash", Status.SPAM: "spam"}


def write() -> Iterator[str]:
    yield _HEAD
    yield from _site()
    for author in Author.objects.order_by("pk").iterator():
        yield _element(
            "wp:author",
            author_id=author.pk,
            author_login=author.slug,
            author_email="",
            author_display_name=escape(author.name, quote=False),
            author_description=author.about,
        )
    for section in Section.objects.order_by("pk"):
        yield _section(section)
    for tag in Tag.objects.order_by("pk").iterator():
        yield _element("wp:tag", term_id=tag.pk, tag_slug=tag.slug, tag_name=escape(tag.name, quote=False))
    for image in Image.objects.ready().order_by("pk").iterator():
        yield _image(image)
    for whole in iter_articles():
        yield from _article(whole)
    yield _TAIL


def _site() -> Iterator[str]:
    yield _plain("title", SiteSettings.current().name)
    yield _plain("link", settings.SITE_URL)
    yield _plain("language", settings.LANGUAGE_CODE)
    yield _plain("generator", newsite_meta.GENERATOR)
    yield _plain("wp:wxr_version", "1.2")
    yield _plain("wp:base_site_url", settings.SITE_URL)
    yield _plain("wp:base_blog_url", settings.SITE_URL)


def _section(section: Section) -> str:
    meta = _metas("wp:termmeta", {newsite_meta.TINT: section.tint, newsite_meta.ORDER: section.order})
    fields = {
        "term_id": section.pk,
        "category_nicename": section.slug,
        "category_parent": "",
        "cat_name": escape(section.name, quote=False),
        "category_description": escape(section.description, quote=False),
    }
    return f"<wp:category>{_children(fields)}{meta}</wp:category>\n"


def _image(image: Image) -> str:
    local, utc = _local_and_utc(image.uploaded_at)
    fields = {
        "post_id": newsite_meta.IMAGE_ID_OFFSET + image.pk,
        "post_date": local,
        "post_date_gmt": utc,
        "status": "inherit",
        "post_parent": 0,
        "post_type": "attachment",
        "attachment_url": image_url(image),
    }
    meta = {
        ATTACHED_FILE_KEY: image.file.name,
        ALT_TEXT_KEY: escape(image.alt_text, quote=False),
        newsite_meta.CREDIT: escape(image.credit, quote=False),
        newsite_meta.FOCUS_X: image.focal_point_x,
        newsite_meta.FOCUS_Y: image.focal_point_y,
    }
    words = _plain("title", escape(image.alt_text, quote=False))
    words += _plain("excerpt:encoded", escape(image.caption, quote=False))
    return f"<item>\n{words}{_children(fields)}{_metas('wp:postmeta', meta)}</item>\n"


def _article(whole: ArticleExport) -> Iterator[str]:
    article = whole.article
    yield "<item>\n"
    yield _plain("title", escape(article.headline, quote=False))
    yield _plain("link", f"{settings.SITE_URL}{article.get_absolute_url() or f'/?p={article.pk}'}")
    yield _plain("dc:creator", whole.authors[0].slug if whole.authors else "")
    yield _plain("content:encoded", whole.body())
    yield _plain("excerpt:encoded", escape(article.standfirst, quote=False))
    yield _children(_fields_of(whole))
    yield _terms(whole)
    yield _metas("wp:postmeta", _meta_of(whole))
    for correction in article.corrections.all():
        content = {"at": correction.at.isoformat(), "text": correction.text}
        yield _metas("wp:postmeta", {newsite_meta.CORRECTION: json.dumps(content, ensure_ascii=False)})
    for old in whole.redirects:
        yield _metas("wp:postmeta", {newsite_meta.REDIRECT: old})
    for comment in whole.comments():
        yield _comment(comment)
    yield "</item>\n"


def _fields_of(whole: ArticleExport) -> dict[str, Any]:
    article = whole.article
    local, utc = _local_and_utc(article.published_at)
    changed_local, changed_utc = _local_and_utc(article.changed_at)
    return {
        "post_id": article.pk,
        "post_date": local,
        "post_date_gmt": utc,
        "post_modified": changed_local,
        "post_modified_gmt": changed_utc,
        "comment_status": "closed" if whole.policy == Policy.CLOSED else "open",
        "ping_status": "closed",
        "post_name": article.slug,
        "status": _state(article),
        "post_parent": 0,
        "menu_order": 0,
        "post_type": "post",
        "post_password": "",
        "is_sticky": 0,
    }


def _state(article: Article) -> str:
    """Return the WordPress status; articles hidden from readers must not become public after an import."""
    if article.published_at is None:
        return "pending" if article.is_ready else "draft"
    if article.published_at > timezone.now():
        return "future"
    return "publish" if article.is_public() else "private"


def _terms(whole: ArticleExport) -> str:
    section = whole.article.section
    terms = [("category", section.slug, section.name)]
    terms += [("post_tag", tag.slug, tag.name) for tag in whole.article.tags.all()]
    terms += [("author", author.slug, author.name) for author in whole.authors]
    return "".join(
        f"<category domain={quoteattr(domain)} nicename={quoteattr(slug)}>{_words(name)}</category>\n"
        for domain, slug, name in terms
    )


def _meta_of(whole: ArticleExport) -> dict[str, Any]:
    article = whole.article
    return {
        newsite_meta.FORMAT: 1,
        newsite_meta.AT: article.published_at,
        newsite_meta.DAY: article.day,
        newsite_meta.DESCRIPTION: escape(article.description, quote=False),
        newsite_meta.FRONT_PAGE_SLOT: whole.front_page_slot(),
        newsite_meta.FIRST_PUBLISHED_AT: article.first_published_at,
        newsite_meta.LANGUAGE: article.language,
        newsite_meta.POLICY: whole.policy,
        LEAD_IMAGE_KEY: newsite_meta.IMAGE_ID_OFFSET + article.ready_lead_image.pk
        if article.ready_lead_image
        else None,
        newsite_meta.CLOSES_AFTER: whole.closes_after,
        newsite_meta.UPDATED_AT: article.updated_at,
        newsite_meta.UNPUBLISH_AT: article.unpublish_at,
    }


def _comment(comment: Comment) -> str:
    local, utc = _local_and_utc(comment.created_at)
    status = Status(comment.status)
    fields = {
        "comment_id": comment.pk,
        "comment_author": escape(comment.name, quote=False),
        "comment_author_email": "",
        "comment_author_url": "",
        "comment_author_IP": "",
        "comment_date": local,
        "comment_date_gmt": utc,
        "comment_content": escape(exported_text(comment), quote=False),
        "comment_approved": _STATES.get(status, "trash"),
        "comment_type": "comment",
        "comment_parent": comment.parent_id or 0,
        "comment_user_id": 0,
    }
    meta = {
        newsite_meta.AT: comment.created_at if comment.created_at.microsecond else None,
        newsite_meta.EDITED_AT: comment.edited_at,
        newsite_meta.PICKED_AT: comment.picked_at,
        newsite_meta.REDACTED_AT: comment.redacted_at,
        newsite_meta.STAFF: comment.staff.get_username() if comment.staff else None,
        newsite_meta.STATUS: None if status in _STATES else status.name,
    }
    return f"<wp:comment>\n{_children(fields)}{_metas('wp:commentmeta', meta)}</wp:comment>\n"


def _local_and_utc(at: datetime | None) -> tuple[str, str]:
    """Return the local time of the site and UTC, without fractions of seconds."""
    if at is None:
        return _ZERO, _ZERO
    shown = "%Y-%m-%d %H:%M:%S"
    return timezone.localtime(at).strftime(shown), at.astimezone(UTC).strftime(shown)


def _metas(name: str, meta: dict[str, Any]) -> str:
    return "".join(
        _element(name, meta_key=key, meta_value=value.isoformat() if hasattr(value, "isoformat") else value)
        for key, value in meta.items()
        if value not in {None, ""}
    )


def _element(name: str, **children: Any) -> str:
    return f"<{name}>{_children(children)}</{name}>\n"


def _children(children: dict[str, Any] | Iterable[tuple[str, Any]]) -> str:
    return "".join(f"<wp:{name}>{_text(str(value))}</wp:{name}>\n" for name, value in dict(children).items())


def _words(text: str) -> str:
    """Return plain text for a field that contains HTML in WordPress."""
    return _text(escape(text, quote=False))


def _plain(name: str, text: str) -> str:
    return f"<{name}>{_text(text)}</{name}>\n"


def _text(text: str) -> str:
    """Return the text, as CDATA if it needs escaping, as WordPress does."""
    text = strip_control_chars(text)
    if "\r" in text:  # parsers convert it to a line feed
        return escape_xml(text, {"\r": "&#13;"})
    if not set("<&>") & set(text):
        return text
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
