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
_IS_SLUG = re.compile(r"[-\w]+")
_CO_AUTHOR = re.compile(r"^cap-")  # of the plugin Co-Authors Plus


class TermMapper:
    def __init__(
        self,
        source: str,
        survey: ExportIndex,
        *,
        default_section: str,
        pages_section: str,
        tell: Callable[[str, str], None] = lambda what, remark: None,
    ) -> None:
        """Store the options; `tell` is called for each value that was cut."""
        self._source, self._survey, self._tell = source, survey, tell
        self._default, self._pages = default_section, pages_section
        self._made: dict[tuple[str, str], Any] = {}

    def authors_of(self, post: WordPressPost) -> tuple[Author, ...]:
        signed = [(self._login(slug), name) for domain, slug, name in post.terms if domain == "author" and slug]
        if not signed and post.creator:
            known = self._survey.authors.get(post.creator)
            signed = [(post.creator, known.name if known else "")]
        return tuple(self._author(login, name or login) for login, name in signed)

    def section_of(self, post: WordPressPost) -> Section:
        if post.kind == "page":
            return self._section("", self._pages)
        top = self._survey.top_of(self._first_category(post))
        if top:
            return self._section_of(top)
        named = [(slug, name) for domain, slug, name in post.terms if domain == "category" and slug != NO_CATEGORY]
        return self._section(*named[0]) if named else self._section("", self._default)

    def tags_of(self, post: WordPressPost) -> tuple[Tag, ...]:
        top = self._survey.top_of(self._first_category(post))
        in_section = {NO_CATEGORY, top.slug if top else self._first_category(post)}
        named = [
            (slug, name)
            for domain, slug, name in post.terms
            if domain == "post_tag" or (domain == "category" and slug not in in_section)
        ]
        return tuple(dict.fromkeys(self._tag(slug, name) for slug, name in named if slug or name))

    def made(self) -> Iterator[tuple[str, str, Any]]:
        """Yield kind, key and object of each term that articles needed."""
        for (kind, key), made in self._made.items():
            yield kind, key, made

    def import_empty_sections(self) -> None:
        """Import sections, including those without articles."""
        for category in self._survey.categories.values():
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

    def _first_category(self, post: WordPressPost) -> str:
        """Return the slug of the primary category, else of the first; empty without one."""
        chosen = {value for key in PRIMARY_CATEGORY_KEYS for value in post.meta.get(key, [])}
        slugs = [slug for domain, slug, _name in post.terms if domain == "category" and slug != NO_CATEGORY]
        first = [slug for slug in slugs if slug in self._survey.categories]
        primary = [slug for slug in first if str(self._survey.categories[slug].id) in chosen]
        return next(iter(primary or slugs), "")

    def _login(self, slug: str) -> str:
        return slug if slug in self._survey.authors else _CO_AUTHOR.sub("", slug)

    def _author(self, login: str, name: str) -> Author:
        if made := self._made.get((ImportRecord.Kind.AUTHOR, login[:200])):
            return made
        known = self._survey.authors.get(login)
        fields = {"name": html_to_line(name) or login, "about": known.about if known else ""}
        return self._get(ImportRecord.Kind.AUTHOR, Author, login, self._slug_of_author(login, name), fields)

    def _slug_of_author(self, login: str, name: str) -> str:
        """Return a slug that no other imported author has, even if the logins yield the same slug."""
        others = ImportRecord.objects.filter(source=self._source, kind=ImportRecord.Kind.AUTHOR).exclude(
            key=login[:200]
        )
        others_slugs = set(Author.objects.filter(pk__in=others.values("object_id")).values_list("slug", flat=True))
        slug = (nicename(login) or _slug("", name, "author"))[:110]
        numbered = (f"{slug}-{number}" for number in itertools.count(2))
        return next(each for each in itertools.chain([slug], numbered) if each not in others_slugs)

    def _tag(self, slug: str, name: str) -> Tag:
        fields = {"name": html_to_line(name) or unquote(slug)}
        return self._get(ImportRecord.Kind.TAG, Tag, slug or name, _slug(slug, name, "tag")[:100], fields)

    def _section(self, slug: str, name: str, **fields: Any) -> Section:
        fields["name"] = html_to_line(name) or unquote(slug)
        return self._get(ImportRecord.Kind.SECTION, Section, slug or name, _slug(slug, name, "section")[:80], fields)

    def _get(self, kind: ImportRecord.Kind, model: Any, key: str, slug: str, fields: dict[str, Any]) -> Any:
        """Return the object from an earlier import, an existing one with the same slug or name, or a new one."""
        key = key[:200]
        if (kind, key) in self._made:
            return self._made[kind, key]
        before = ImportRecord.find_many(self._source, kind, [key]).get(key)
        found = before and model.objects.filter(pk=before.object_id).first()
        found = found or model.objects.filter(slug=slug).first()
        if found is None and kind != ImportRecord.Kind.AUTHOR:  # different authors may have the same name
            found = model.objects.filter(name=_fitted(model, "name", fields["name"])).first()
        found = found or self._create(model, slug, fields)
        if before is None or before.object_id != found.pk:
            ImportRecord.remember(self._source, kind, key, found.pk)
        self._made[kind, key] = found
        return found

    def _create(self, model: Any, slug: str, fields: dict[str, Any]) -> Any:
        fitted = {name: _fitted(model, name, value) for name, value in fields.items()}
        if is_blank(fitted["name"]):
            fitted["name"] = slug
        for name, value in fields.items():
            if isinstance(value, str) and len(fitted[name]) < len(as_stored(model._meta.get_field(name), value)):
                longest = model._meta.get_field(name).max_length
                self._tell(
                    f"{model._meta.model_name} “{fitted['name'][:40]}”",
                    f"its {name} has more than {longest} characters: cut",
                )
        return model.objects.create(slug=slug, **fitted)


def _fitted(model: Any, name: str, value: Any) -> Any:
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
    plain = unquote(slug)[:MAX_SLUG_SOURCE_LENGTH]
    made = plain if _IS_SLUG.fullmatch(plain) else slugify(plain, allow_unicode=True)
    return "" if is_blank(made[:MIN_SLUG_FIELD_LENGTH]) else made


def _slug(slug: str, name: str, otherwise: str) -> str:
    return (
        to_slug(slug) or to_slug(slugify(html_to_line(name)[:MAX_SLUG_SOURCE_LENGTH], allow_unicode=True)) or otherwise
    )
