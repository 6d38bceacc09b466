"""Records of a WordPress export, without interpretation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WordPressSite:
    """Description of the exported site. `address` has no trailing slash."""

    title: str = ""
    address: str = ""
    language: str = ""
    generator: str = ""


@dataclass(frozen=True, slots=True)
class WordPressAuthor:
    login: str
    name: str = ""
    id: int = 0
    about: str = ""


@dataclass(frozen=True, slots=True)
class WordPressCategory:
    """Category; `parent` is a slug, and posts refer to categories by slug."""

    id: int
    slug: str
    name: str
    parent: str = ""
    description: str = ""
    meta: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WordPressTag:
    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class LocalAndUtc:
    """Time in the site's local time without zone, and in UTC; either may be missing."""

    local: datetime | None = None
    utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class WordPressPost:
    """Post, page, attachment or other record, as `kind` says. `terms` are (domain, slug, name)."""

    id: int
    kind: str = "post"
    status: str = "publish"
    title: str = ""
    link: str = ""
    slug: str = ""
    content: str = ""
    excerpt: str = ""
    creator: str = ""
    at: LocalAndUtc = LocalAndUtc()
    changed: LocalAndUtc = LocalAndUtc()
    comments: str = "open"
    parent: int = 0
    password: str = ""
    is_sticky: bool = False
    attachment: str = ""
    terms: tuple[tuple[str, str, str], ...] = ()
    meta: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WordPressComment:
    """Comment; `state` is 1, 0, spam, trash or post-trashed; `kind` is empty or "comment" for comments of readers."""

    post: int
    id: int
    author: str = ""
    email: str = ""
    address: str = ""
    at: LocalAndUtc = LocalAndUtc()
    content: str = ""
    state: str = "1"
    kind: str = ""
    parent: int = 0
    meta: dict[str, list[str]] = field(default_factory=dict)


WordPressRecord = WordPressSite | WordPressAuthor | WordPressCategory | WordPressTag | WordPressPost | WordPressComment
