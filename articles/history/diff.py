"""HTML diff of two revisions of an article, field by field.

Texts show the changed paragraphs with deletions and insertions. Changed links and emphasis are shown as tags. The work
is bounded: a passage that is too long for a comparison by words is shown as deleted and inserted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from articles.history.sequence_diff import compare
from articles.models import Article, Image, Section

_TEXT_FIELDS = ("headline", "standfirst", "body", "description")
_OTHER_FIELDS = (
    "section",
    "byline_snapshot",
    "tag_snapshot",
    "lead_image",
    "language",
    "slug",
    "is_ready",
    "published_at",
    "unpublish_at",
)
_EMPTY = {
    "byline_snapshot": [],
    "tag_snapshot": [],
    "slug": "",
    "is_ready": False,
    **dict.fromkeys(_TEXT_FIELDS, ""),
}  # others: None
_MAX_CHANGES = 100  # words of a paragraph, or paragraphs of a text; above this, the whole passage counts as changed
_MAX_WORK = 2_000_000  # characters of both texts × maximum number of changes
_END_OF_BLOCK = re.compile(r"(?<=</p>)|(?<=</h[23]>)|(?<=</li>)|(?<=</blockquote>)|(?<=<br>)|(?<=<hr>)|\n+")
_TOKEN = re.compile(r"<(?:\"[^\"]*\"|[^\"<>])*>|[^\s<]+|\s+|<")


@dataclass(frozen=True)
class FieldChange:
    """Change of one field. `html` shows the old and the new value."""

    field: str
    label: str
    html: SafeString


def changed_fields(older: Any, newer: Any) -> list[str]:
    """Return the names of the changed fields. Without `older`, return all fields that are not empty."""
    names = (*_TEXT_FIELDS, *_OTHER_FIELDS)
    return [name for name in names if _value(older, name) != _value(newer, name)]


def field_label(name: str) -> str:
    of_its_own = {"byline_snapshot": _("bylines"), "tag_snapshot": _("tags")}
    return of_its_own.get(name) or str(getattr(Article._meta.get_field(name), "verbose_name", name))


def field_changes(older: Any, newer: Any) -> list[FieldChange]:
    return [
        FieldChange(name, field_label(name), _diff_html(older, newer, name)) for name in changed_fields(older, newer)
    ]


def _value(version: Any, name: str) -> Any:
    """Return a comparable value. Authors and tags are compared by id, so renaming them is not a change."""
    if version is None:
        return _EMPTY.get(name)
    if name in {"byline_snapshot", "tag_snapshot"}:
        return [pk for pk, _name in getattr(version, name)]
    value = getattr(version, f"{name}_id" if name in {"section", "lead_image"} else name)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value  # a form has only seconds


def _diff_html(older: Any, newer: Any, name: str) -> SafeString:
    if name in _TEXT_FIELDS:
        return text_diff_html(*(str(_value(version, name)) for version in (older, newer)))
    sides = [_display_value(version, name) for version in (older, newer)]
    parts = [(tag, side) for tag, side in zip(("del", "ins"), sides, strict=True) if side]
    return format_html(
        "<p>{}</p>", format_html_join(" ", "<{0}>{1}</{0}>", ((mark_safe(tag), side) for tag, side in parts))
    )


def _display_value(version: Any, name: str) -> str:
    value = _value(version, name)
    if version is None or value is None or value == "":
        return ""
    match name:
        case "byline_snapshot" | "tag_snapshot":
            return ", ".join(each for _pk, each in getattr(version, name))
        case "section" | "lead_image":
            model: Any = Section if name == "section" else Image
            return str(model.objects.filter(pk=value).first() or _("(deleted)"))
        case "published_at" | "unpublish_at":
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case "is_ready":
            return _("yes") if value else _("no")
    return str(value)


def text_diff_html(older: str, newer: str) -> SafeString:
    """Return the changed paragraphs with their deleted and inserted words. "…" replaces unchanged paragraphs."""
    old, new = ([block for block in _END_OF_BLOCK.split(text) if block.strip()] for text in (older, newer))
    max_changes = min(_MAX_CHANGES, _MAX_WORK // (len(older) + len(newer) + 1))
    shown: list[str] = []
    for run in compare(old, new, max_changes=max_changes):
        if run.is_same:
            shown.append("<p>…</p>")
        else:
            shown += _paragraphs(old[run.old], new[run.new], max_changes)
    return mark_safe("".join(shown))


def _paragraphs(older: list[str], newer: list[str], max_changes: int) -> Iterator[str]:
    for old, new in _pairs(older, newer):
        if html := "".join(_words(_TOKEN.findall(old), _TOKEN.findall(new), max_changes)):
            yield f"<p>{html}</p>"


def _pairs(older: list[str], newer: list[str]) -> Iterator[tuple[str, str]]:
    for number in range(max(len(older), len(newer))):
        yield "".join(older[number : number + 1]), "".join(newer[number : number + 1])


def _words(older: list[str], newer: list[str], max_changes: int) -> Iterator[str]:
    out: list[str] = []
    come: list[str] = []
    for run in compare(older, newer, max_changes=max_changes):
        same = older[run.old] if run.is_same else []
        if same and "".join(same).strip():
            yield _marked("del", out) + _marked("ins", come)
            yield "".join(escape(token) for token in same if not _is_tag(token))
            out, come = [], []
        else:  # include a space between two changes, so that the diff shows phrases
            out += older[run.old]
            come += newer[run.new]
    yield _marked("del", out) + _marked("ins", come)


def _marked(tag: str, tokens: list[str]) -> str:
    """Wrap tokens in a <del> or <ins> element. Show tags as code, but omit the tags of paragraphs."""
    said = [f"<code>{escape(each)}</code>" if _is_tag(each) else str(escape(each)) for each in tokens]
    text = "".join(part for part, token in zip(said, tokens, strict=True) if token not in {"<p>", "</p>"})
    return f"<{tag}>{text}</{tag}>" if text.strip() else ""


def _is_tag(token: str) -> bool:
    return token.startswith("<") and token.endswith(">")
