"""Index of WordPress exports, because posts may refer to later records or to other files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult

from articles.content.urls import split_url
from comments.imports.ids import MAX_ID
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.parser import read_wordpress
from newsite.importers.wordpress.records import (
    WordPressAuthor,
    WordPressCategory,
    WordPressComment,
    WordPressPost,
    WordPressSite,
    WordPressTag,
)
from newsite.importers.xml_stream import InvalidFile

MAX_DEPTH = 50  # levels of categories
ATTACHED_FILE_KEY = "_wp_attached_file"  # path below wp-content/uploads
ALT_TEXT_KEY = "_wp_attachment_image_alt"


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    address: str
    file: str
    alt_text: str
    caption: str
    meta: dict[str, list[str]]


@dataclass
class ExportIndex:
    site: WordPressSite = field(default_factory=WordPressSite)
    authors: dict[str, WordPressAuthor] = field(default_factory=dict)
    categories: dict[str, WordPressCategory] = field(default_factory=dict)
    tags: dict[str, WordPressTag] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    attached_to: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    max_comment_id: int = 0

    @property
    def source(self) -> str:
        """Return the name of the site for import records: its address without scheme and `www.`."""
        parts = self._address
        return f"{(parts.netloc or parts.path).removeprefix('www.')}{parts.path if parts.netloc else ''}"[:120]

    @property
    def has_site(self) -> bool:
        """Return whether one of the files describes its site."""
        return self.site != WordPressSite()

    @property
    def is_newsite_export(self) -> bool:
        """Return whether it is an export of this software."""
        return self.site.generator.startswith(newsite_meta.GENERATOR)

    @property
    def base(self) -> str:
        """Return the path of the blog, which is usually empty."""
        return self._address.path.rstrip("/")

    @property
    def _address(self) -> SplitResult:
        try:
            return split_url(self.site.address)
        except ValueError:
            return split_url("")

    def top_category(self, slug: str) -> WordPressCategory | None:
        """Return the top-level category above the category of this slug, or the category itself."""
        return next(iter(self._ancestors(slug)), None)

    def category_path(self, slug: str) -> str:
        """Return the path of the category in its old address, including its parents."""
        return "/".join(category.slug for category in self._ancestors(slug))

    def _ancestors(self, slug: str) -> list[WordPressCategory]:
        """Return the category and its parents, top level first; cycles and excessive depth are cut."""
        ancestors: dict[str, WordPressCategory] = {}
        category = self.categories.get(slug)
        while category and category.slug not in ancestors and len(ancestors) < MAX_DEPTH:
            ancestors[category.slug] = category
            category = self.categories.get(category.parent)
        return list(ancestors.values())[::-1]


def index_export(files: Iterable[Path]) -> ExportIndex:
    """Index the files, each up to its first error; the import reports the error."""
    index = ExportIndex()
    for file in files:
        with contextlib.suppress(InvalidFile):
            for record in read_wordpress(file, with_content=False):
                _add_to_index(record, index)
    return index


def _add_to_index(record: object, index: ExportIndex) -> None:
    match record:
        case WordPressSite():
            index.site = index.site if index.site.address else record
        case WordPressAuthor():
            index.authors.setdefault(record.login, record)
        case WordPressCategory():
            index.categories.setdefault(record.slug, record)
        case WordPressTag():
            index.tags.setdefault(record.slug, record)
        case WordPressComment():
            index.max_comment_id = max(index.max_comment_id, record.id if record.id <= MAX_ID else 0)
        case WordPressPost(kind="attachment"):
            index.attachments[record.id] = Attachment(
                id=record.id,
                address=record.attachment or record.link,
                file=next(iter(record.meta.get(ATTACHED_FILE_KEY, [])), ""),
                alt_text=next(iter(record.meta.get(ALT_TEXT_KEY, [])), "") or record.title,
                caption=record.excerpt,
                meta={key: values for key, values in record.meta.items() if key.startswith(newsite_meta.PREFIX)},
            )
            index.attached_to[record.parent].append(record.id)
