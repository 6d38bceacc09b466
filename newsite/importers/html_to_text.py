"""Conversion of untrusted HTML to the plain text of a comment, with links as addresses and with line breaks."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

from articles.content.urls import split_url
from articles.text import strip_control_chars
from newsite.importers.html_tree import Node, parse

_PARAGRAPH_MARK, _LINE_MARK = "\x00", "\x01"  # characters that no text contains
_PARAGRAPH_TAGS = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "figure", "pre", "hr"]
_PARAGRAPH_TAGS += ["blockquote"]
_LINE_TAGS = ["div", "dt", "dd", "tr", "figcaption", "address", "center", "section", "article", "caption"]
_TAG_DELIMITERS = {
    **dict.fromkeys(_PARAGRAPH_TAGS, (_PARAGRAPH_MARK, _PARAGRAPH_MARK)),
    **dict.fromkeys(_LINE_TAGS, (_LINE_MARK, _LINE_MARK)),
    "li": (f"{_LINE_MARK}- ", _LINE_MARK),
    "br": ("", "\n"),
    "td": ("", " "),
    "th": ("", " "),
    "q": ("“", "”"),
}
_MEDIA_TAGS = {"img", "iframe", "video", "audio", "source", "embed"}
_TAGS_WITHOUT_TEXT = {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr"}
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_GAP = re.compile(r"[\s\x00\x01]+")
_BLANKS_AROUND_BREAK = re.compile(r"(?<! ) +\n *|\n *")  # each run of blanks is read once
_REPEATED_BREAKS = re.compile(r"\n{3,}")
_ELLIPSES = ("...", "…")
_DISQUS_LINK_HOST = "disq.us"


def html_to_text(source: str, *, keep_lines: bool) -> str:
    """Convert HTML; with `keep_lines`, line breaks in the source are kept, as in WordPress."""
    if "<" not in source:
        text = html.unescape(source)
        return text if keep_lines else " ".join(text.split())
    text = _node_text(parse(source.replace(_LINE_MARK, "")), keep_lines=keep_lines)
    return _REPEATED_BREAKS.sub("\n\n", text).strip()


def html_to_line(source: str) -> str:
    """Return the text of a name or headline, in one line."""
    return strip_control_chars(parse(source).text() if "<" in source else " ".join(html.unescape(source).split()))


def _node_text(node: Node, *, keep_lines: bool) -> str:
    children = [child for child in node.children if node.tag not in _TAGS_WITHOUT_TEXT or not isinstance(child, str)]
    text = "".join(_child_text(child, keep_lines=keep_lines) for child in children)
    return _BLANKS_AROUND_BREAK.sub("\n", _GAP.sub(_resolve_gap, text))


def _resolve_gap(gap: re.Match[str]) -> str:
    """Return one end of a paragraph or line for all the whitespace around it."""
    return "\n\n" if _PARAGRAPH_MARK in gap[0] else "\n" if _LINE_MARK in gap[0] else gap[0]


def _child_text(child: Node | str, *, keep_lines: bool) -> str:
    """Return the text with marks at the edges of paragraphs and lines, which the caller resolves."""
    if isinstance(child, str):
        return _BLANKS.sub(" ", child) if keep_lines else re.sub(r"\s+", " ", child)
    inner = _node_text(child, keep_lines=keep_lines or child.tag == "pre")
    if child.tag == "a":
        return _link_text(child, inner)
    if child.tag in _MEDIA_TAGS:
        return _text_with_address(child.attributes.get("alt", ""), child.attributes.get("src", "")) + inner
    if child.tag == "blockquote":
        inner = "\n".join(f"> {line}".rstrip() for line in inner.strip().splitlines())
    before, after = _TAG_DELIMITERS.get(child.tag, ("", ""))
    return f"{before}{inner.strip()}{after}" if before or after else inner


def _link_text(node: Node, text: str) -> str:
    """Return the address if the text is the address, perhaps shortened; else the text and the address."""
    address = _unwrap_disqus_link(node.attributes.get("href", ""))
    if not address.startswith(("http://", "https://")):
        return text
    visible_text = text.strip()
    for ellipsis in _ELLIPSES:
        visible_text = visible_text.removesuffix(ellipsis)
    is_address = address.partition("://")[2].startswith(visible_text.partition("://")[2] or visible_text)
    return address if is_address else _text_with_address(text, address)


def _text_with_address(text: str, address: str) -> str:
    if not address.startswith(("http://", "https://")):
        return text
    return f"{text.rstrip()} ({address})" if text.strip() else f" {address} "


def _unwrap_disqus_link(address: str) -> str:
    """Return the target of a Disqus link, which has the real address and a number in its query."""
    try:
        parts = split_url(address)
        if parts.hostname != _DISQUS_LINK_HOST:
            return address
        return parse_qs(parts.query).get("url", [address])[0].rpartition(":")[0] or address
    except ValueError:  # not a URL
        return address
