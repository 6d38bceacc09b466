"""WordPress eXtended RSS, 1.0 to 1.2, as a stream of records. The namespaces differ in version and scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from newsite.importers.wordpress.records import Author, Category, Comment, Post, Record, Site, Tag, When
from newsite.importers.xml_stream import Element, read_elements

COMMENTS_HELD = 1000  # of one post, until all of the post is known
EARLIEST, LATEST = 1900, 2200  # years
ID_LENGTH = 18  # digits

_BEFORE_POSTS = {"title", "link", "language", "generator", "wp:base_blog_url"}


def read(path: Path, *, told: Callable[[int], None] = lambda read: None, with_words: bool = True) -> Iterator[Record]:
    """The site first, then as the file has it; the comments of a post right behind it. Raises BrokenFile.

    Comments without words have their numbers alone, and are read in half of the time.
    Of a post that the file breaks off in, nothing comes, unless it has very many comments.
    """
    site: dict[str, str] = {}
    is_told = False
    current = _Current(_comment if with_words else _number_of_comment)
    found = read_elements(path, _name, root="rss", records=2, apart=frozenset({"wp:comment"}), told=told)
    for each in found:
        name = each.element.name
        if name in _BEFORE_POSTS:
            site.setdefault(name, each.element.text.strip())
            continue
        if not is_told and name in {"item", "wp:comment", "wp:author", "wp:category", "wp:tag", "wp:term"}:
            is_told = True
            yield _site(site)
        if name == "wp:comment":
            yield from current.take(each.element, each.within)
        elif name == "item":
            yield from current.end(each.element)
        elif record := _term(each.element):
            yield record
    if not is_told:
        yield _site(site)


class _Current:
    """The post that is being read, which the export has around its comments."""

    def __init__(self, make: Callable[[Element, int], Comment]) -> None:
        self._make = make
        self._waiting: list[Element] = []
        self._begun: int | None = None

    def take(self, comment: Element, post: Element | None) -> Iterator[Record]:
        self._waiting.append(comment)
        if len(self._waiting) < COMMENTS_HELD or post is None:
            return
        if self._begun is None and _number(post.first("wp:post_id")):
            yield (begun := _post(post))
            self._begun = begun.id
        if self._begun is not None:
            yield from self._comments(self._begun)

    def end(self, post: Element) -> Iterator[Record]:
        if self._begun is None:
            yield (whole := _post(post))
            self._begun = whole.id
        yield from self._comments(self._begun)
        self._begun = None

    def _comments(self, post: int) -> Iterator[Comment]:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            yield self._make(each, post)


def _name(namespace: str, local: str) -> str:
    """Short names of what we know; what stands in a stranger's namespace is nothing that we look for."""
    if not namespace:
        return local
    if local == "encoded":
        return "excerpt" if "excerpt" in namespace else "content"
    if "wordpress.org/export/" in namespace:
        return f"wp:{local}"
    return f"dc:{local}" if "purl.org/dc/" in namespace else f"other:{local}"


def _site(found: dict[str, str]) -> Site:
    address = found.get("wp:base_blog_url") or found.get("link", "")
    return Site(
        title=found.get("title", ""),
        address=address.rstrip("/"),
        language=found.get("language", ""),
        generator=found.get("generator", ""),
    )


def _term(element: Element) -> Record | None:
    first = element.first
    match element.name:
        case "wp:author":
            names = [first("wp:author_first_name").strip(), first("wp:author_last_name").strip()]
            shown = first("wp:author_display_name").strip() or " ".join(filter(None, names))
            return Author(
                login=first("wp:author_login").strip(),
                name=shown,
                id=_number(first("wp:author_id")),
                about=first("wp:author_description"),
            )
        case "wp:category":
            return Category(
                id=_number(first("wp:term_id")),
                slug=first("wp:category_nicename").strip(),
                name=first("wp:cat_name").strip(),
                parent=first("wp:category_parent").strip(),
                description=first("wp:category_description").strip(),
                meta=_meta(element, "wp:termmeta"),
            )
        case "wp:tag":
            return Tag(
                id=_number(first("wp:term_id")), slug=first("wp:tag_slug").strip(), name=first("wp:tag_name").strip()
            )
    return None


def _post(item: Element) -> Post:
    first = item.first
    return Post(
        id=_number(first("wp:post_id")),
        kind=first("wp:post_type").strip() or "post",
        status=first("wp:status").strip(),
        title=first("title"),
        link=first("link").strip(),
        slug=first("wp:post_name").strip(),
        content=first("content"),
        excerpt=first("excerpt"),
        creator=first("dc:creator").strip(),
        at=_when(first("wp:post_date"), first("wp:post_date_gmt"), first("pubDate")),
        changed=_when(first("wp:post_modified"), first("wp:post_modified_gmt")),
        comments=first("wp:comment_status").strip(),
        parent=_number(first("wp:post_parent")),
        password=first("wp:post_password"),
        is_sticky=first("wp:is_sticky").strip() == "1",
        attachment=first("wp:attachment_url").strip(),
        terms=tuple(
            (each.attributes.get("domain", "category"), each.attributes.get("nicename", ""), each.text.strip())
            for each in item.all("category")
        ),
        meta=_meta(item, "wp:postmeta"),
    )


def _comment(element: Element, post: int) -> Comment:
    first = element.first
    return Comment(
        post=post,
        id=_number(first("wp:comment_id")),
        author=first("wp:comment_author"),
        email=first("wp:comment_author_email").strip(),
        address=first("wp:comment_author_IP").strip(),
        at=_when(first("wp:comment_date"), first("wp:comment_date_gmt")),
        content=first("wp:comment_content"),
        state=first("wp:comment_approved").strip(),
        kind=first("wp:comment_type").strip(),
        parent=_number(first("wp:comment_parent")),
        meta=_meta(element, "wp:commentmeta"),
    )


def _number_of_comment(element: Element, post: int) -> Comment:
    return Comment(post, _number(element.first("wp:comment_id")))


def _meta(element: Element, name: str) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for each in element.all(name):
        meta.setdefault(each.first("wp:meta_key").strip(), []).append(each.first("wp:meta_value"))
    return meta


def _number(text: str) -> int:
    """0 for what is no number that a database could hold."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= ID_LENGTH else 0


def _when(local: str, utc: str, stamp: str = "") -> When:
    """`stamp` is the date of the feed, for older exports that have nothing else in UTC."""
    universal = moment(utc)
    return When(moment(local), universal.replace(tzinfo=UTC) if universal else _stamped(stamp))


def moment(text: str) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS`; None for zeros, and for what is no date of our time."""
    text = text.strip()
    if len(text) != len("YYYY-MM-DD HH:MM:SS"):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if EARLIEST <= at.year <= LATEST and at.tzinfo is None else None


def _stamped(text: str) -> datetime | None:
    if " -" in text.partition(":")[0]:  # "30 Nov -0001": WordPress's zero, which the library takes for 2000
        return None
    try:
        at = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError):
        return None
    if not EARLIEST < at.year < LATEST:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
