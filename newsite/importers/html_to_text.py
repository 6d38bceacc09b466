"""Conversion of untrusted HTML to the plain text of a comment, with links as addresses and with line breaks."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

from articles.content.urls import split_url
from articles.text import strip_control_chars
from newsite.importers.html_tree import Node, parse

_PARAGRAPH, _LINE = "\x00", "\x01"  # characters that no text contains
_PARAGRAPHS = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "figure", "pre", "hr", "blockquote"]
_LINES = ["div", "dt", "dd", "tr", "figcaption", "address", "center", "section", "article", "caption"]
_AROUND = {
    **dict.fromkeys(_PARAGRAPHS, (_PARAGRAPH, _PARAGRAPH)),
    **dict.fromkeys(_LINES, (_LINE, _LINE)),
    "li": (f"{_LINE}- ", _LINE),
    "br": ("", "\n"),
    "td": ("", " "),
    "th": ("", " "),
    "q": ("“", "”"),
}
_MEDIA_TAGS = {"img", "iframe", "video", "audio", "source", "embed"}
_ONLY_ELEMENTS = {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr"}
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_GAP = re.compile(r"[\s\x00\x01]+")
_AROUND_A_BREAK = re.compile(r"(?<! ) +\n *|\n *")  # each run of blanks is read once
_MANY_BREAKS = re.compile(r"\n{3,}")
_SHORTENED = ("...", "…")
_DISQUS = "disq.us"


def html_to_text(source: str, *, keeps_lines: bool) -> str:
    """Convert HTML; with `keeps_lines`, line breaks in the source are kept, as in WordPress."""
    if "<" not in source:
        text = html.unescape(source)
        return text if keeps_lines else " ".join(text.split())
    text = _text_of(parse(source.replace(_LINE, "")), keeps_lines=keeps_lines)
    return _MANY_BREAKS.sub("\n\n", text).strip()


def html_to_line(source: str) -> str:
    """Return the text of a name or headline, in one line."""
    return strip_control_chars(parse(source).text() if "<" in source else " ".join(html.unescape(source).split()))


def _text_of(node: Node, *, keeps_lines: bool) -> str:
    children = [child for child in node.children if node.tag not in _ONLY_ELEMENTS or not isinstance(child, str)]
    text = "".join(_part(child, keeps_lines=keeps_lines) for child in children)
    return _AROUND_A_BREAK.sub("\n", _GAP.sub(_closed, text))


def _closed(gap: re.Match[str]) -> str:
    """Return one end of a paragraph or line for all the whitespace around it."""
    return "\n\n" if _PARAGRAPH in gap[0] else "\n" if _LINE in gap[0] else gap[0]


def _part(child: Node | str, *, keeps_lines: bool) -> str:
    """Return the text with marks at the edges of paragraphs and lines, which the caller resolves."""
    if isinstance(child, str):
        return _BLANKS.sub(" ", child) if keeps_lines else re.sub(r"\s+", " ", child)
    inner = _text_of(child, keeps_lines=keeps_lines or child.tag == "pre")
    if child.tag == "a":
        return _link(child, inner)
    if child.tag in _MEDIA_TAGS:
        return _beside(child.attributes.get("alt", ""), child.attributes.get("src", "")) + inner
    if child.tag == "blockquote":
        inner = "\n".join(f"> {line}".rstrip() for line in inner.strip().splitlines())
    before, after = _AROUND.get(child.tag, ("", ""))
    return f"{before}{inner.strip()}{after}" if before or after else inner


def _link(node: Node, inner: str) -> str:
    """Return the address if the text is the address, perhaps shortened; else the text and the address."""
    address = _unwrapped(node.attributes.get("href", ""))
    if not address.startswith(("http://", "https://")):
        return inner
    seen = inner.strip()
    for shortened in _SHORTENED:
        seen = seen.removesuffix(shortened)
    bare = address.partition("://")[2]
    return address if bare.startswith(seen.partition("://")[2] or seen) else _beside(inner, address)


def _beside(words: str, address: str) -> str:
    if not address.startswith(("http://", "https://")):
        return words
    return f"{words.rstrip()} ({address})" if words.strip() else f" {address} "


def _unwrapped(address: str) -> str:
    """Return the target of a Disqus link, which has the real address and a number in its query."""
    try:
        parts = split_url(address)
        if parts.hostname != _DISQUS:
            return address
        return parse_qs(parts.query).get("url", [address])[0].rpartition(":")[0] or address
    except ValueError:  # not a URL
        return address
