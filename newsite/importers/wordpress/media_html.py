"""HTML of images, tables and embeds in the form of article bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
import re
from typing import Protocol
from urllib.parse import unquote

from articles.content.sanitizer import image_reference
from articles.content.urls import split_url
from newsite.importers.html_tree import Node

_TABLE_TAG = re.compile(r"</?(?:table|tbody|tr|th|td)\b[^<>]*>")


@dataclass(frozen=True)
class SourceImage:
    """Image stored here (`pk`), or the address of one that is not."""

    address: str
    pk: int | None = None
    alt_text: str = ""
    caption: str = ""


class Media(Protocol):
    """Media of the site that the content comes from."""

    def address(self, href: str) -> str:
        """Return the address of a link for use on this site."""

    def by_address(self, address: str) -> SourceImage | None: ...

    def by_id(self, number: int) -> SourceImage | None: ...

    def attached_ids(self) -> list[int]: ...


class NoMedia:
    def address(self, href: str) -> str:
        return href

    def by_address(self, address: str) -> SourceImage | None:
        return None

    def by_id(self, number: int) -> SourceImage | None:
        return None

    def attached_ids(self) -> list[int]:
        return []


def image_or_link_html(image: SourceImage, alt_text: str, caption: str) -> str:
    """Return a reference to the image, or a link to its old address if it is not stored here."""
    if image.pk is not None:
        return image_reference(image.pk, "" if caption == image.caption else escape(caption, quote=False))
    text = caption or image.caption or alt_text or image.alt_text or file_name(image.address)
    return f'<p><a href="{escape(image.address)}">{escape(text, quote=False)}</a></p>'


def table_html(table: Node, inner_html: Callable[[Node], str]) -> str:
    """Return a table; a nested table is reduced to its text."""
    rows = "".join(f"<tr>{_row(row, inner_html)}</tr>" for row in _rows(table))
    captions = [child.text() for child in table.children if isinstance(child, Node) and child.tag == "caption"]
    caption_html = "".join(f"<p>{escape(text, quote=False)}</p>" for text in captions if text)
    return f"<table><tbody>{rows}</tbody></table>{caption_html}" if rows else caption_html


def _rows(table: Node) -> list[Node]:
    rows: list[Node] = []
    for child in table.children:
        if isinstance(child, Node):
            rows += [child] if child.tag == "tr" else _rows(child) if child.tag in {"thead", "tbody", "tfoot"} else []
    return [row for row in rows if any(isinstance(cell, Node) for cell in row.children)]


def _row(row: Node, inner_html: Callable[[Node], str]) -> str:
    cells = [child for child in row.children if isinstance(child, Node) and child.tag in {"th", "td"}]
    return "".join(
        f"<{cell.tag}{_spans(cell)}>{_TABLE_TAG.sub('', inner_html(cell)) or '<p></p>'}</{cell.tag}>" for cell in cells
    )


def _spans(cell: Node) -> str:
    names = [name for name in ("colspan", "rowspan") if name in cell.attributes]
    return "".join(f' {name}="{escape(cell.attributes[name])}"' for name in names)


def file_name(address: str) -> str:
    """Return the name of the file, as a fallback text."""
    try:
        return unquote(PurePosixPath(split_url(address).path).name) or address
    except ValueError:
        return address
