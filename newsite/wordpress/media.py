"""Pictures, tables and what is embedded, in the form that an article's body has for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import unquote, urlsplit

from newsite.markup import Node


@dataclass(frozen=True)
class Shown:
    """A picture of ours (`pk`), or the address of one that we do not have."""

    address: str
    pk: int | None = None
    width: int = 0
    height: int = 0
    alternative: str = ""
    caption: str = ""


class Media(Protocol):
    """What is known of the site that the content comes from."""

    def address(self, href: str) -> str:
        """A link's address as it leads there from our site."""

    def by_address(self, address: str) -> Shown | None: ...

    def by_id(self, number: int) -> Shown | None: ...

    def of_this_post(self) -> list[int]: ...


class NoMedia:
    def address(self, href: str) -> str:
        return href

    def by_address(self, address: str) -> Shown | None:
        return None

    def by_id(self, number: int) -> Shown | None:
        return None

    def of_this_post(self) -> list[int]:
        return []


def picture_html(picture: Shown, alternative: str, caption: str) -> str:
    """One that we do not have becomes a link to where it was."""
    words = caption or picture.caption or alternative or picture.alternative or name_of(picture.address)
    return f'<p><a href="{escape(picture.address)}">{escape(words, quote=False)}</a></p>'


def embed_html(address: str) -> str:
    shown = escape(address, quote=False)
    return f'<p><a href="{escape(address)}">{shown}</a></p>'


def table_html(table: Node, inside: Callable[[Node], str]) -> str:
    return "".join(inside(cell) for cell in table.all("caption", "th", "td"))


def name_of(address: str) -> str:
    """The file's name, for want of other words."""
    try:
        return unquote(PurePosixPath(urlsplit(address).path).name) or address
    except ValueError:
        return address
