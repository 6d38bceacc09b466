"""Parser of WordPress eXtended RSS 1.0 to 1.2 into records. The namespaces differ by version and scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from newsite.importers.wordpress.records import (
    LocalAndUtc,
    WordPressAuthor,
    WordPressCategory,
    WordPressComment,
    WordPressPost,
    WordPressRecord,
    WordPressSite,
    WordPressTag,
)
from newsite.importers.xml_stream import Element, read_elements

MAX_BUFFERED_COMMENTS = 1000  # of one post, while the post is incomplete
MIN_YEAR, MAX_YEAR = 1900, 2200
MAX_ID_DIGITS = 18

_SITE_ELEMENTS = {"title", "link", "language", "generator", "wp:base_blog_url"}


def read_wordpress(
    path: Path, *, on_progress: Callable[[int], None] = lambda bytes_read: None, with_content: bool = True
) -> Iterator[WordPressRecord]:
    """Yield the site first, then records in the order of the file, comments directly after their post.

    Without `with_content`, comments contain only their id, which takes half the time. A post in which the file ends is
    not returned, unless it has more than MAX_BUFFERED_COMMENTS comments.

    Raise InvalidFile.
    """
    site: dict[str, str] = {}
    is_site_yielded = False
    comment_buffer = _CommentBuffer(_comment if with_content else _comment_id_only)
    elements = read_elements(
        path, _name, root="rss", record_depth=2, nested_records=frozenset({"wp:comment"}), on_progress=on_progress
    )
    for parsed in elements:
        name = parsed.element.name
        if name in _SITE_ELEMENTS:
            site.setdefault(name, parsed.element.text.strip())
            continue
        if not is_site_yielded and name in {"item", "wp:comment", "wp:author", "wp:category", "wp:tag", "wp:term"}:
            is_site_yielded = True
            yield _site(site)
        if name == "wp:comment":
            yield from comment_buffer.add(parsed.element, parsed.parent)
        elif name == "item":
            yield from comment_buffer.end_post(parsed.element)
        elif record := _term(parsed.element):
            yield record
    if not is_site_yielded:
        yield _site(site)


class _CommentBuffer:
    """Buffer for the comments of the current post, whose element encloses them."""

    def __init__(self, convert: Callable[[Element, int], WordPressComment]) -> None:
        self._convert = convert
        self._pending: list[Element] = []
        self._post_id: int | None = None

    def add(self, comment: Element, post: Element | None) -> Iterator[WordPressRecord]:
        self._pending.append(comment)
        if len(self._pending) < MAX_BUFFERED_COMMENTS or post is None:
            return
        if self._post_id is None and _parse_id(post.first("wp:post_id")):
            yield (converted := _post(post))
            self._post_id = converted.id
        if self._post_id is not None:
            yield from self._flush(self._post_id)

    def end_post(self, post: Element) -> Iterator[WordPressRecord]:
        if self._post_id is None:
            yield (converted := _post(post))
            self._post_id = converted.id
        yield from self._flush(self._post_id)
        self._post_id = None

    def _flush(self, post_id: int) -> Iterator[WordPressComment]:
        comments, self._pending = self._pending, []
        for comment in comments:
            yield self._convert(comment, post_id)


def _name(namespace: str, local: str) -> str:
    """Return short names of known elements; prefix those of unknown namespaces, so that they match nothing."""
    if not namespace:
        return local
    if local == "encoded":
        return "excerpt" if "excerpt" in namespace else "content"
    if "wordpress.org/export/" in namespace:
        return f"wp:{local}"
    return f"dc:{local}" if "purl.org/dc/" in namespace else f"other:{local}"


def _site(values: dict[str, str]) -> WordPressSite:
    address = values.get("wp:base_blog_url") or values.get("link", "")
    return WordPressSite(
        title=values.get("title", ""),
        address=address.rstrip("/"),
        language=values.get("language", ""),
        generator=values.get("generator", ""),
    )


def _term(element: Element) -> WordPressRecord | None:
    first = element.first
    match element.name:
        case "wp:author":
            names = [first("wp:author_first_name").strip(), first("wp:author_last_name").strip()]
            display_name = first("wp:author_display_name").strip() or " ".join(filter(None, names))
            return WordPressAuthor(
                login=first("wp:author_login").strip(),
                name=display_name,
                id=_parse_id(first("wp:author_id")),
                about=first("wp:author_description"),
            )
        case "wp:category":
            return WordPressCategory(
                id=_parse_id(first("wp:term_id")),
                slug=first("wp:category_nicename").strip(),
                name=first("wp:cat_name").strip(),
                parent=first("wp:category_parent").strip(),
                description=first("wp:category_description").strip(),
                meta=_meta(element, "wp:termmeta"),
            )
        case "wp:tag":
            return WordPressTag(
                id=_parse_id(first("wp:term_id")), slug=first("wp:tag_slug").strip(), name=first("wp:tag_name").strip()
            )
    return None


def _post(item: Element) -> WordPressPost:
    first = item.first
    return WordPressPost(
        id=_parse_id(first("wp:post_id")),
        kind=first("wp:post_type").strip() or "post",
        status=first("wp:status").strip(),
        title=first("title"),
        link=first("link").strip(),
        slug=first("wp:post_name").strip(),
        content=first("content"),
        excerpt=first("excerpt"),
        creator=first("dc:creator").strip(),
        at=_parse_times(first("wp:post_date"), first("wp:post_date_gmt"), first("pubDate")),
        changed=_parse_times(first("wp:post_modified"), first("wp:post_modified_gmt")),
        comments=first("wp:comment_status").strip(),
        parent=_parse_id(first("wp:post_parent")),
        password=first("wp:post_password"),
        is_sticky=first("wp:is_sticky").strip() == "1",
        attachment=first("wp:attachment_url").strip(),
        terms=tuple(
            (each.attributes.get("domain", "category"), each.attributes.get("nicename", ""), each.text.strip())
            for each in item.all("category")
        ),
        meta=_meta(item, "wp:postmeta"),
    )


def _comment(element: Element, post: int) -> WordPressComment:
    first = element.first
    return WordPressComment(
        post=post,
        id=_parse_id(first("wp:comment_id")),
        author=first("wp:comment_author"),
        email=first("wp:comment_author_email").strip(),
        address=first("wp:comment_author_IP").strip(),
        at=_parse_times(first("wp:comment_date"), first("wp:comment_date_gmt")),
        content=first("wp:comment_content"),
        state=first("wp:comment_approved").strip(),
        kind=first("wp:comment_type").strip(),
        parent=_parse_id(first("wp:comment_parent")),
        meta=_meta(element, "wp:commentmeta"),
    )


def _comment_id_only(element: Element, post: int) -> WordPressComment:
    return WordPressComment(post, _parse_id(element.first("wp:comment_id")))


def _meta(element: Element, name: str) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for each in element.all(name):
        meta.setdefault(each.first("wp:meta_key").strip(), []).append(each.first("wp:meta_value"))
    return meta


def _parse_id(text: str) -> int:
    """Return the number; 0 if it is invalid or too large for the database."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_ID_DIGITS else 0


def _parse_times(local: str, utc: str, feed_date: str = "") -> LocalAndUtc:
    """Return the local and the UTC time; `feed_date` is the date of the feed, the only UTC time of older exports."""
    utc_time = parse_local_datetime(utc)
    return LocalAndUtc(
        parse_local_datetime(local), utc_time.replace(tzinfo=UTC) if utc_time else _parse_feed_date(feed_date)
    )


def parse_local_datetime(text: str) -> datetime | None:
    """Parse `YYYY-MM-DD HH:MM:SS`; return None if it is zero, invalid or out of range."""
    text = text.strip()
    if len(text) != len("YYYY-MM-DD HH:MM:SS"):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if MIN_YEAR <= at.year <= MAX_YEAR and at.tzinfo is None else None


def _parse_feed_date(text: str) -> datetime | None:
    if " -" in text.partition(":")[0]:  # "30 Nov -0001": WordPress's zero date, parsed as the year 2000
        return None
    try:
        at = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError):
        return None
    if not MIN_YEAR < at.year < MAX_YEAR:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
