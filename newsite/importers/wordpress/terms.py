"""Authors, sections and tags from WordPress terms, created once when an article needs them.

The top-level category becomes the section. Other categories of an article become tags, so that nothing is lost and
the masthead stays short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import itertools
import re
from typing import Any
from urllib.parse import unquote

from django.utils.text import slugify

from articles.models import Author, ImportRecord, Section, Tag
from articles.models.site_settings import Tint
from articles.text import as_stored, is_blank
from newsite.importers.html_to_text import html_to_line
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.first_pass import ExportIndex
from newsite.importers.wordpress.records import WordPressCategory, WordPressPost

MAX_SLUG_SOURCE_LENGTH = 500  # characters that are read; all fields are shorter
MIN_SLUG_FIELD_LENGTH = 80  # of sections
NO_CATEGORY = "uncategorized"
PRIMARY_CATEGORY_KEYS = ("_yoast_wpseo_primary_category", "rank_math_primary_category")
_SLUG = re.compile(r"[-\w]+")
_CO_AUTHOR = re.compile(r"^cap-")  # of the plugin Co-Authors Plus


class TermMapper:
    def __init__(
        self,
        source: str,
        index: ExportIndex,
        *,
        default_section: str,
        pages_section: str,
        warn: Callable[[str, str], None] = lambda item, reason: None,
    ) -> None:
        """Store the options; `warn` is called for each value that was cut."""
        self._source, self._index, self._warn = source, index, warn
        self._default_section, self._pages_section = default_section, pages_section
        self._terms: dict[tuple[str, str], Any] = {}

    def authors_of(self, post: WordPressPost) -> tuple[Author, ...]:
        bylines = [(self._author_login(slug), name) for domain, slug, name in post.terms if domain == "author" and slug]
        if not bylines and post.creator:
            author = self._index.authors.get(post.creator)
            bylines = [(post.creator, author.name if author else "")]
        return tuple(self._author(login, name or login) for login, name in bylines)

    def section_of(self, post: WordPressPost) -> Section:
        if post.kind == "page":
            return self._section("", self._pages_section)
        top_category = self._index.top_category(self._primary_category(post))
        if top_category:
            return self._section_of(top_category)
        categories = [(slug, name) for domain, slug, name in post.terms if domain == "category" and slug != NO_CATEGORY]
        return self._section(*categories[0]) if categories else self._section("", self._default_section)

    def tags_of(self, post: WordPressPost) -> tuple[Tag, ...]:
        top_category = self._index.top_category(self._primary_category(post))
        in_section = {NO_CATEGORY, top_category.slug if top_category else self._primary_category(post)}
        tags = [
            (slug, name)
            for domain, slug, name in post.terms
            if domain == "post_tag" or (domain == "category" and slug not in in_section)
        ]
        return tuple(dict.fromkeys(self._tag(slug, name) for slug, name in tags if slug or name))

    def used_terms(self) -> Iterator[tuple[str, str, Any]]:
        """Yield kind, key and object of each term that articles needed."""
        for (kind, key), term in self._terms.items():
            yield kind, key, term

    def import_empty_sections(self) -> None:
        """Import sections, including those without articles."""
        for category in self._index.categories.values():
            if category.meta.get(newsite_meta.TINT):
                self._section_of(category)

    def _section_of(self, category: WordPressCategory) -> Section:
        order, tint = (
            newsite_meta.parse_number(category.meta, newsite_meta.ORDER),
            newsite_meta.first_value(category.meta, newsite_meta.TINT),
        )
        extra: dict[str, Any] = {"order": order or 0}
        extra |= {"tint": tint} if tint in Tint.values else {}
        description = html_to_line(category.description)
        return self._section(category.slug, category.name, description=description, **extra)

    def _primary_category(self, post: WordPressPost) -> str:
        """Return the slug of the primary category, else of the first; empty without one."""
        primary_ids = {value for key in PRIMARY_CATEGORY_KEYS for value in post.meta.get(key, [])}
        slugs = [slug for domain, slug, _name in post.terms if domain == "category" and slug != NO_CATEGORY]
        indexed = [slug for slug in slugs if slug in self._index.categories]
        primary = [slug for slug in indexed if str(self._index.categories[slug].id) in primary_ids]
        return next(iter(primary or slugs), "")

    def _author_login(self, slug: str) -> str:
        return slug if slug in self._index.authors else _CO_AUTHOR.sub("", slug)

    def _author(self, login: str, name: str) -> Author:
        if cached := self._terms.get((ImportRecord.Kind.AUTHOR, login[:200])):
            return cached
        author = self._index.authors.get(login)
        fields = {"name": html_to_line(name) or login, "about": author.about if author else ""}
        return self._get_or_create(ImportRecord.Kind.AUTHOR, Author, login, self._slug_of_author(login, name), fields)

    def _slug_of_author(self, login: str, name: str) -> str:
        """Return a slug that no other imported author has, even if the logins yield the same slug."""
        other_records = ImportRecord.objects.filter(source=self._source, kind=ImportRecord.Kind.AUTHOR).exclude(
            key=login[:200]
        )
        taken_slugs = set(
            Author.objects.filter(pk__in=other_records.values("object_id")).values_list("slug", flat=True)
        )
        slug = (nicename(login) or _slug("", name, "author"))[:110]
        numbered_slugs = (f"{slug}-{number}" for number in itertools.count(2))
        return next(each for each in itertools.chain([slug], numbered_slugs) if each not in taken_slugs)

    def _tag(self, slug: str, name: str) -> Tag:
        fields = {"name": html_to_line(name) or unquote(slug)}
        return self._get_or_create(ImportRecord.Kind.TAG, Tag, slug or name, _slug(slug, name, "tag")[:100], fields)

    def _section(self, slug: str, name: str, **fields: Any) -> Section:
        fields["name"] = html_to_line(name) or unquote(slug)
        return self._get_or_create(
            ImportRecord.Kind.SECTION, Section, slug or name, _slug(slug, name, "section")[:80], fields
        )

    def _get_or_create(self, kind: ImportRecord.Kind, model: Any, key: str, slug: str, fields: dict[str, Any]) -> Any:
        """Return the object from an earlier import, an existing one with the same slug or name, or a new one."""
        key = key[:200]
        if (kind, key) in self._terms:
            return self._terms[kind, key]
        record = ImportRecord.find_many(self._source, kind, [key]).get(key)
        term = record and model.objects.filter(pk=record.object_id).first()
        term = term or model.objects.filter(slug=slug).first()
        if term is None and kind != ImportRecord.Kind.AUTHOR:  # different authors may have the same name
            term = model.objects.filter(name=_truncate_to_field(model, "name", fields["name"])).first()
        term = term or self._create(model, slug, fields)
        if record is None or record.object_id != term.pk:
            ImportRecord.remember(self._source, kind, key, term.pk)
        self._terms[kind, key] = term
        return term

    def _create(self, model: Any, slug: str, fields: dict[str, Any]) -> Any:
        truncated = {name: _truncate_to_field(model, name, value) for name, value in fields.items()}
        if is_blank(truncated["name"]):
            truncated["name"] = slug
        for name, value in fields.items():
            if isinstance(value, str) and len(truncated[name]) < len(as_stored(model._meta.get_field(name), value)):
                max_length = model._meta.get_field(name).max_length
                self._warn(
                    f"{model._meta.model_name} “{truncated['name'][:40]}”",
                    f"its {name} has more than {max_length} characters: cut",
                )
        return model.objects.create(slug=slug, **truncated)


def _truncate_to_field(model: Any, name: str, value: Any) -> Any:
    """Return a text as the field stores it, cut to its length; other values are unchanged."""
    field = model._meta.get_field(name)
    return as_stored(field, as_stored(field, value)[: field.max_length]) if isinstance(value, str) else value


def nicename(login: str) -> str:
    """Return the part of the author's address that WordPress makes of the login."""
    return to_slug(login.replace(".", "-"))


def to_slug(slug: str) -> str:
    """Return the slug unchanged if it is valid in addresses here, else a slugified one.

    Empty if the part that the shortest field keeps is invisible.
    """
    decoded = unquote(slug)[:MAX_SLUG_SOURCE_LENGTH]
    valid = decoded if _SLUG.fullmatch(decoded) else slugify(decoded, allow_unicode=True)
    return "" if is_blank(valid[:MIN_SLUG_FIELD_LENGTH]) else valid


def _slug(slug: str, name: str, fallback: str) -> str:
    return (
        to_slug(slug) or to_slug(slugify(html_to_line(name)[:MAX_SLUG_SOURCE_LENGTH], allow_unicode=True)) or fallback
    )
