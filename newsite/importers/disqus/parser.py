"""Parser of the XML export of Disqus: a stream of records in the order of the file, threads before posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsite.importers.wordpress.parser import MAX_YEAR, MIN_YEAR
from newsite.importers.xml_stream import Element, read_elements


@dataclass(frozen=True, slots=True)
class DisqusThread:
    """Thread of Disqus; `id` is used by posts, `identifier` by the site."""

    id: str
    identifier: str = ""
    forum: str = ""
    link: str = ""
    title: str = ""
    is_closed: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class DisqusPost:
    """Post of Disqus. `id` is empty if the export has none; `message` is HTML."""

    id: str
    thread: str
    parent: str = ""
    message: str = ""
    at: datetime | None = None
    name: str = ""
    username: str = ""
    email: str = ""
    address: str = ""
    is_anonymous: bool = False
    is_deleted: bool = False
    is_spam: bool = False


def read_disqus(
    path: Path, *, on_progress: Callable[[int], None] = lambda bytes_read: None
) -> Iterator[DisqusThread | DisqusPost]:
    """Yield the records of a file.

    Raise InvalidFile.
    """
    for parsed in read_elements(path, _qualified_name, root="disqus", record_depth=1, on_progress=on_progress):
        if parsed.element.name == "thread":
            yield _thread(parsed.element)
        elif parsed.element.name == "post":
            yield _post(parsed.element)


def _qualified_name(namespace: str, local: str) -> str:
    return f"dsq:{local}" if "disqus-internals" in namespace else local


def _thread(element: Element) -> DisqusThread:
    first = element.first
    return DisqusThread(
        id=_id(element),
        identifier=first("id").strip(),
        forum=first("forum").strip(),
        link=first("link").strip(),
        title=first("title").strip(),
        is_closed=_is_true(first("isClosed")),
        is_deleted=_is_true(first("isDeleted")),
    )


def _post(element: Element) -> DisqusPost:
    first = element.first
    author = next(iter(element.all("author")), Element("author", {}))
    return DisqusPost(
        id=_id(element),
        thread=_child_id(element, "thread"),
        parent=_child_id(element, "parent"),
        message=first("message"),
        at=_parse_datetime(first("createdAt")),
        name=author.first("name").strip(),
        username=author.first("username").strip(),
        email=author.first("email").strip(),
        address=first("ipAddress").strip(),
        is_anonymous=_is_true(author.first("isAnonymous")),
        is_deleted=_is_true(first("isDeleted")),
        is_spam=_is_true(first("isSpam")),
    )


def _id(element: Element) -> str:
    return element.attributes.get("dsq:id", "").strip()


def _child_id(element: Element, name: str) -> str:
    return next((_id(child) for child in element.all(name)), "")


def _is_true(text: str) -> bool:
    return text.strip().lower() == "true"


def _parse_datetime(text: str) -> datetime | None:
    """Parse `YYYY-MM-DDTHH:MM:SSZ`; return None if it is invalid or out of range."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC) if MIN_YEAR < at.year < MAX_YEAR else None
