"""A first look through WordPress exports: what posts refer to may stand behind them, or in another file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult

from articles.content.urls import split_address
from comments.imports.ids import LARGEST
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.parser import read
from newsite.importers.wordpress.records import Author, Category, Comment, Post, Site, Tag
from newsite.importers.xml_stream import BrokenFile

MAX_DEPTH = 50  # categories above each other
ORIGINAL = "_wp_attached_file"  # its place under wp-content/uploads
ALTERNATIVE = "_wp_attachment_image_alt"


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    address: str
    file: str
    alternative: str
    caption: str
    meta: dict[str, list[str]]


@dataclass
class Survey:
    site: Site = field(default_factory=Site)
    authors: dict[str, Author] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    attached_to: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    highest_comment: int = 0

    @property
    def source(self) -> str:
        """What the site is called in what we remember of imports: its address, however it was reached."""
        parts = self._address
        return f"{(parts.netloc or parts.path).removeprefix('www.')}{parts.path if parts.netloc else ''}"[:120]

    @property
    def is_export(self) -> bool:
        """Whether any of the files says what site it is of."""
        return self.site != Site()

    @property
    def is_ours(self) -> bool:
        """Whether it is an export of this software."""
        return self.site.generator.startswith(newsite_meta.GENERATOR)

    @property
    def base(self) -> str:
        """The path under which the blog stood; mostly empty."""
        return self._address.path.rstrip("/")

    @property
    def _address(self) -> SplitResult:
        try:
            return split_address(self.site.address)
        except ValueError:
            return split_address("")

    def top_of(self, slug: str) -> Category | None:
        """The category of this slug, or the one at the top above it."""
        return next(iter(self._line_of(slug)), None)

    def path_of(self, slug: str) -> str:
        """The category's own part of its old address: with those above it."""
        return "/".join(category.slug for category in self._line_of(slug))

    def _line_of(self, slug: str) -> list[Category]:
        """Return the category and those above it, the one at the top first; a circle and a tower are cut."""
        line: dict[str, Category] = {}
        category = self.categories.get(slug)
        while category and category.slug not in line and len(line) < MAX_DEPTH:
            line[category.slug] = category
            category = self.categories.get(category.parent)
        return list(line.values())[::-1]


def survey(files: Iterable[Path]) -> Survey:
    """Where a file is broken it ends: the import will say so."""
    found = Survey()
    for file in files:
        with contextlib.suppress(BrokenFile):
            for record in read(file, with_words=False):
                _look_at(record, found)
    return found


def _look_at(record: object, found: Survey) -> None:
    match record:
        case Site():
            found.site = found.site if found.site.address else record
        case Author():
            found.authors.setdefault(record.login, record)
        case Category():
            found.categories.setdefault(record.slug, record)
        case Tag():
            found.tags.setdefault(record.slug, record)
        case Comment():
            found.highest_comment = max(found.highest_comment, record.id if record.id <= LARGEST else 0)
        case Post(kind="attachment"):
            found.attachments[record.id] = Attachment(
                id=record.id,
                address=record.attachment or record.link,
                file=next(iter(record.meta.get(ORIGINAL, [])), ""),
                alternative=next(iter(record.meta.get(ALTERNATIVE, [])), "") or record.title,
                caption=record.excerpt,
                meta={key: values for key, values in record.meta.items() if key.startswith(newsite_meta.PREFIX)},
            )
            found.attached_to[record.parent].append(record.id)
