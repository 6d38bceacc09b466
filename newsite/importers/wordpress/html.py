"""Conversion of WordPress content to the clean HTML of an article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
import re

from articles.content.sanitizer import clean_body, embed_reference
from newsite.importers.html_tree import Node, parse
from newsite.importers.wordpress.linked_images import has_words_beside, leads_to_image
from newsite.importers.wordpress.media_html import Media, NoMedia, SourceImage, image_or_link_html, table_html
from newsite.importers.wordpress.shortcodes import (
    BLOCK_ATTRIBUTE,
    CAPTION_ATTRIBUTE,
    GALLERY_ATTRIBUTE,
    replace_shortcodes,
)

_INLINE = {
    **dict.fromkeys(["strong", "b"], "strong"),
    **dict.fromkeys(["em", "i", "cite"], "em"),
    **dict.fromkeys(["s", "del", "strike"], "s"),
    "sub": "sub",
    "sup": "sup",
}
_HEADINGS = {"h1": "h2", "h2": "h2", **dict.fromkeys(["h3", "h4", "h5", "h6"], "h3")}
_PLAYED = {"iframe", "video", "audio", "embed", "source"}
_BLOCK_BREAK = re.compile(r"\n[ \t\r]*\n\s*")
_BLANK, _EDGE = re.compile(r"\s+"), re.compile(r"(?:\s|<br>)*")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_ONE_EMBED = re.compile(r'<figure data-embed="[^"]*"></figure>')


@dataclass
class ConvertedHtml:
    """Converted HTML; `remarks` describe what was lost."""

    html: str
    remarks: list[str] = field(default_factory=list)


def convert_html(content: str, *, media: Media | None = None) -> ConvertedHtml:
    """Convert content, without errors. Line breaks count only where WordPress applies them: outside of blocks."""
    remarks: list[str] = []
    tree = parse(replace_shortcodes(content, remarks.append))
    writer = _Writer(media or NoMedia(), remarks.append)
    writer.walk(tree)
    return ConvertedHtml(clean_body(writer.html()), list(dict.fromkeys(remarks)))


class _Writer:
    """Writer of block elements; puts other content into paragraphs."""

    def __init__(self, media: Media, tell: Callable[[str], None], *, breaks: bool = True) -> None:
        self._media, self._tell, self._breaks = media, tell, breaks
        self._blocks: list[str] = []
        self._paragraph: list[str] = []
        self._around: list[tuple[str, str]] = []  # start and end tags of open inline elements

    def html(self) -> str:
        self._end_paragraph()
        return "".join(self._blocks)

    def walk(self, node: Node) -> None:
        for child in node.children:
            if isinstance(child, str):
                self._text(child)
            else:
                self._element(child)

    def _text(self, text: str) -> None:
        if not self._breaks:
            self._paragraph.append(escape(re.sub(r"[ \t\r\n\f]+", " ", text), quote=False))
            return
        for number, part in enumerate(_BLOCK_BREAK.split(text)):
            if number:
                self._end_paragraph()
            self._paragraph.append(_BLANK.sub(_break, escape(part, quote=False)))

    def _element(self, node: Node) -> None:
        tag = node.tag
        if tag in _INLINE:
            self._within((f"<{_INLINE[tag]}>", f"</{_INLINE[tag]}>"), node)
        elif tag == "a":
            self._link(node)
        elif tag == "br":
            self._paragraph.append("<br>")
        elif tag == "q":
            self._paragraph.append("“")
            self.walk(node)
            self._paragraph.append("”")
        elif tag == "code":
            self.walk(node)
        else:
            self._end_paragraph()
            self._block(node)
            self._end_paragraph()

    def _block(self, node: Node) -> None:
        match node.tag:
            case tag if tag in _HEADINGS:
                self._heading(node)
            case "ul" | "ol":
                self._blocks.append(self._list(node))
            case "blockquote":
                self._wrapped("blockquote", node)
            case "hr":
                self._blocks.append("<hr>")
            case "pre":
                self._preformatted(node)
            case "table":
                self._blocks.append(table_html(node, self._inside))
            case "figure":
                self._figure(node)
            case "img":
                self._picture(node)
            case tag if tag in _PLAYED:
                self._played(node)
            case "dt":
                self._within(("<strong>", "</strong>"), node)
            case _:
                self._plain_block(node)

    def _plain_block(self, node: Node) -> None:
        if GALLERY_ATTRIBUTE in node.attributes:
            self._gallery(node.attributes[GALLERY_ATTRIBUTE])
            return
        was, self._breaks = self._breaks, self._breaks and BLOCK_ATTRIBUTE not in node.attributes
        self.walk(node)
        self._end_paragraph()
        self._breaks = was

    def _within(self, around: tuple[str, str], node: Node) -> None:
        """Write an inline element; if a paragraph ends inside it, it is closed and reopened in the next paragraph."""
        self._around.append(around)
        self._paragraph.append(around[0])
        self.walk(node)
        self._paragraph.append(around[1])
        self._around.pop()

    def _link(self, node: Node) -> None:
        href = self._media.address(node.attributes.get("href", "").strip())
        around = (f'<a href="{escape(href)}">', "</a>")
        if not href or leads_to_image(node, self._media):
            self.walk(node)
        elif not node.first("img", "figure", *_PLAYED):
            self._within(around, node)
        elif has_words_beside(node):
            self._tell(f"a link around an image, to {href}: kept only around the text beside it")
            self._within(around, node)
        elif not href.startswith(("http://", "https://", "/")):
            self.walk(node)
        else:
            self._tell(f"a link around an image, to {href}: placed after it")
            self.walk(node)
            self._end_paragraph()
            self._blocks.append(f"<p>{around[0]}{escape(href, quote=False)}{around[1]}</p>")

    def _heading(self, node: Node) -> None:
        text = _trimmed(self._inline(node))
        if text:
            tag = _HEADINGS[node.tag]
            self._blocks.append(f"<{tag}>{text}</{tag}>")
        for picture in node.all("img"):
            self._picture(picture)

    def _inline(self, node: Node) -> str:
        """Return only inline content."""
        writer = self._another(breaks=False)
        for child in node.children:
            if isinstance(child, str):
                writer._text(child)
            elif child.tag not in {"img", *_PLAYED}:
                writer._element(Node("", {}, child.children) if child.tag not in {*_INLINE, "a", "q"} else child)
        text = re.sub(r"</?(?!a\b|/?(?:strong|em|s|sub|sup|a)\b)[a-z][^<>]*>", " ", writer.html())
        return " ".join(text.split())

    def _list(self, node: Node) -> str:
        """Write a list; direct children that are not items become items."""
        items = []
        for child in node.children:
            if isinstance(child, str):
                html = f"<p>{escape(child.strip(), quote=False)}</p>" if child.strip() else ""
            else:
                html = self._inside(child) if child.tag == "li" else self._inside(Node("", {}, [child]))
            if html:
                items.append(f"<li>{html}</li>")
        return f"<{node.tag}>{''.join(items)}</{node.tag}>" if items else ""

    def _wrapped(self, tag: str, node: Node) -> None:
        if html := self._inside(node):
            self._blocks.append(f"<{tag}>{html}</{tag}>")

    def _inside(self, node: Node) -> str:
        writer = self._another(breaks=self._breaks)
        writer.walk(node)
        return writer.html()

    def _another(self, *, breaks: bool) -> _Writer:
        return _Writer(self._media, self._tell, breaks=breaks)

    def _preformatted(self, node: Node) -> None:
        """Write each line; leading blanks become non-breaking spaces."""
        raw = "\n".join(_lines_of(node))
        lines = [escape(line.expandtabs(4), quote=False) for line in raw.strip("\n").split("\n")]
        kept = [re.sub(r"^ +", lambda blanks: "\xa0" * len(blanks[0]), line.rstrip()) for line in lines]
        if any(line.strip() for line in kept):
            self._blocks.append(f"<p>{'<br>'.join(kept)}</p>")

    def _figure(self, node: Node) -> None:
        caption = node.first("figcaption")
        pictures = node.all("img")
        words = caption.text() if caption else node.attributes.get(CAPTION_ATTRIBUTE, "")
        if CAPTION_ATTRIBUTE in node.attributes and not words:
            words = node.text()
        if len(pictures) == 1 and not node.all("table", "blockquote", *_PLAYED):
            self._picture(pictures[0], caption=words)
            return
        inner = Node("", {}, [child for child in node.children if child is not caption])
        if CAPTION_ATTRIBUTE in node.attributes and pictures:
            inner = Node("", {}, list(pictures))
        html = self._inside(inner)
        if _ONE_EMBED.fullmatch(html) and words:
            html = html.replace("></figure>", f"><figcaption>{escape(words, quote=False)}</figcaption></figure>")
        elif words:
            html += f"<p>{escape(words, quote=False)}</p>"
        self._blocks.append(html)

    def _picture(self, node: Node, *, caption: str = "") -> None:
        source = node.attributes.get("src", "").strip()
        if not source.startswith(("http://", "https://", "/")):
            return
        alternative = " ".join(node.attributes.get("alt", "").split())
        known = self._media.by_address(source)
        self._show(known or SourceImage(address=source), alternative, " ".join(caption.split()))

    def _gallery(self, ids: str) -> None:
        wanted = [int(each) for each in ids.split() if len(each) <= 18] or self._media.of_this_post()
        found = [(each, self._media.by_id(each)) for each in wanted]
        if not wanted:
            self._tell("a gallery without images")
        for number, picture in found:
            if picture is None:
                self._tell(f"image {number} of a gallery: not in the export")
            else:
                self._show(picture, "", "")

    def _show(self, picture: SourceImage, alternative: str, caption: str) -> None:
        if picture.pk is None:
            self._tell(f"image {picture.address}: not among the available files, linked instead")
        self._blocks.append(image_or_link_html(picture, alternative, caption))

    def _played(self, node: Node) -> None:
        found = [node, *node.all("source", "iframe")]
        address = next((each.attributes["src"].strip() for each in found if each.attributes.get("src")), "")
        address = f"https:{address}" if address.startswith("//") else address
        if address:
            self._blocks.append(embed_reference(self._media.address(address)))

    def _end_paragraph(self) -> None:
        ends = "".join(end for _begin, end in reversed(self._around))
        begins = [begin for begin, _end in self._around]
        html = _trimmed("".join(self._paragraph) + ends)
        self._paragraph = begins
        bare = _trimmed(re.sub(r"<(?!br>)[^<>]*>", "", html))
        if not bare:
            return
        if _ADDRESS.fullmatch(html):
            self._blocks.append(embed_reference(html.replace("&amp;", "&")))
        else:
            self._blocks.append(f"<p>{html}</p>")


def _break(blank: re.Match[str]) -> str:
    return "<br>" if "\n" in blank[0] else blank[0]


def _trimmed(html: str) -> str:
    """Remove blanks and line breaks at both ends; a regular expression would need quadratic time for the end."""
    begin, end = len(_EDGE.match(html)[0]), len(html)  # type: ignore[index]  # matches any text
    while html.endswith("<br>", begin, end) or (end > begin and html[end - 1].isspace()):
        end -= 1 if html[end - 1].isspace() else len("<br>")
    return html[begin:end]


def _lines_of(node: Node) -> list[str]:
    lines = [""]
    for child in node.children:
        if isinstance(child, str):
            first, *rest = child.split("\n")
        elif child.tag in {"br", "p", "div", "li"}:
            first, *rest = ["", *_lines_of(child)]
        else:
            first, *rest = _lines_of(child)
        lines[-1] += first
        lines += rest
    return lines
