"""Conversion of WordPress content to the clean HTML of an article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
import re

from articles.content.sanitizer import clean_body, embed_reference
from newsite.importers.html_tree import Node, parse
from newsite.importers.wordpress.linked_images import has_text_outside_media, leads_to_image
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
_MEDIA_TAGS = {"iframe", "video", "audio", "embed", "source"}
_BLOCK_BREAK = re.compile(r"\n[ \t\r]*\n\s*")
_BLANK, _LEADING_BLANKS = re.compile(r"\s+"), re.compile(r"(?:\s|<br>)*")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_SINGLE_EMBED = re.compile(r'<figure data-embed="[^"]*"></figure>')


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

    def __init__(self, media: Media, warn: Callable[[str], None], *, breaks: bool = True) -> None:
        self._media, self._warn, self._breaks = media, warn, breaks
        self._blocks: list[str] = []
        self._paragraph: list[str] = []
        self._open_inline_tags: list[tuple[str, str]] = []  # start and end tags of open inline elements

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
            self._paragraph.append(_BLANK.sub(_line_break, escape(part, quote=False)))

    def _element(self, node: Node) -> None:
        tag = node.tag
        if tag in _INLINE:
            self._wrap_inline((f"<{_INLINE[tag]}>", f"</{_INLINE[tag]}>"), node)
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
                self._wrap_block("blockquote", node)
            case "hr":
                self._blocks.append("<hr>")
            case "pre":
                self._preformatted(node)
            case "table":
                self._blocks.append(table_html(node, self._inner_html))
            case "figure":
                self._figure(node)
            case "img":
                self._image(node)
            case tag if tag in _MEDIA_TAGS:
                self._media_embed(node)
            case "dt":
                self._wrap_inline(("<strong>", "</strong>"), node)
            case _:
                self._plain_block(node)

    def _plain_block(self, node: Node) -> None:
        if GALLERY_ATTRIBUTE in node.attributes:
            self._gallery(node.attributes[GALLERY_ATTRIBUTE])
            return
        previous, self._breaks = self._breaks, self._breaks and BLOCK_ATTRIBUTE not in node.attributes
        self.walk(node)
        self._end_paragraph()
        self._breaks = previous

    def _wrap_inline(self, tags: tuple[str, str], node: Node) -> None:
        """Write an inline element; if a paragraph ends inside it, it is closed and reopened in the next paragraph."""
        self._open_inline_tags.append(tags)
        self._paragraph.append(tags[0])
        self.walk(node)
        self._paragraph.append(tags[1])
        self._open_inline_tags.pop()

    def _link(self, node: Node) -> None:
        href = self._media.address(node.attributes.get("href", "").strip())
        tags = (f'<a href="{escape(href)}">', "</a>")
        if not href or leads_to_image(node, self._media):
            self.walk(node)
        elif not node.first("img", "figure", *_MEDIA_TAGS):
            self._wrap_inline(tags, node)
        elif has_text_outside_media(node):
            self._warn(f"a link around an image, to {href}: kept only around the text beside it")
            self._wrap_inline(tags, node)
        elif not href.startswith(("http://", "https://", "/")):
            self.walk(node)
        else:
            self._warn(f"a link around an image, to {href}: placed after it")
            self.walk(node)
            self._end_paragraph()
            self._blocks.append(f"<p>{tags[0]}{escape(href, quote=False)}{tags[1]}</p>")

    def _heading(self, node: Node) -> None:
        text = _trim(self._inline(node))
        if text:
            tag = _HEADINGS[node.tag]
            self._blocks.append(f"<{tag}>{text}</{tag}>")
        for image in node.all("img"):
            self._image(image)

    def _inline(self, node: Node) -> str:
        """Return only inline content."""
        writer = self._nested_writer(breaks=False)
        for child in node.children:
            if isinstance(child, str):
                writer._text(child)
            elif child.tag not in {"img", *_MEDIA_TAGS}:
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
                html = self._inner_html(child) if child.tag == "li" else self._inner_html(Node("", {}, [child]))
            if html:
                items.append(f"<li>{html}</li>")
        return f"<{node.tag}>{''.join(items)}</{node.tag}>" if items else ""

    def _wrap_block(self, tag: str, node: Node) -> None:
        if html := self._inner_html(node):
            self._blocks.append(f"<{tag}>{html}</{tag}>")

    def _inner_html(self, node: Node) -> str:
        writer = self._nested_writer(breaks=self._breaks)
        writer.walk(node)
        return writer.html()

    def _nested_writer(self, *, breaks: bool) -> _Writer:
        return _Writer(self._media, self._warn, breaks=breaks)

    def _preformatted(self, node: Node) -> None:
        """Write each line; leading blanks become non-breaking spaces."""
        raw = "\n".join(_text_lines(node))
        lines = [escape(line.expandtabs(4), quote=False) for line in raw.strip("\n").split("\n")]
        indented = [re.sub(r"^ +", lambda blanks: "\xa0" * len(blanks[0]), line.rstrip()) for line in lines]
        if any(line.strip() for line in indented):
            self._blocks.append(f"<p>{'<br>'.join(indented)}</p>")

    def _figure(self, node: Node) -> None:
        images = node.all("img")
        # Of a gallery, only its own caption: those of its images stay with them.
        figcaption = node.first("figcaption") if len(images) < 2 else node.child("figcaption")
        caption = figcaption.text() if figcaption else node.attributes.get(CAPTION_ATTRIBUTE, "")
        if CAPTION_ATTRIBUTE in node.attributes and not caption:
            caption = node.text()
        if len(images) == 1 and not node.all("table", "blockquote", *_MEDIA_TAGS):
            self._image(images[0], caption=caption)
            return
        inner = Node("", {}, [child for child in node.children if child is not figcaption])
        if CAPTION_ATTRIBUTE in node.attributes and images:
            inner = Node("", {}, list(images))
        html = self._inner_html(inner)
        if _SINGLE_EMBED.fullmatch(html) and caption:
            html = html.replace("></figure>", f"><figcaption>{escape(caption, quote=False)}</figcaption></figure>")
        elif caption:
            html += f"<p>{escape(caption, quote=False)}</p>"
        self._blocks.append(html)

    def _image(self, node: Node, *, caption: str = "") -> None:
        source = node.attributes.get("src", "").strip()
        if not source.startswith(("http://", "https://", "/")):
            return
        alt_text = " ".join(node.attributes.get("alt", "").split())
        stored = self._media.by_address(source)
        self._append_image(stored or SourceImage(address=source), alt_text, " ".join(caption.split()))

    def _gallery(self, ids: str) -> None:
        image_ids = [int(image_id) for image_id in ids.split() if len(image_id) <= 18] or self._media.attached_ids()
        images = [(image_id, self._media.by_id(image_id)) for image_id in image_ids]
        if not image_ids:
            self._warn("a gallery without images")
        for image_id, image in images:
            if image is None:
                self._warn(f"image {image_id} of a gallery: not in the export")
            else:
                self._append_image(image, "", "")

    def _append_image(self, image: SourceImage, alt_text: str, caption: str) -> None:
        if image.pk is None:
            self._warn(f"image {image.address}: not among the available files, linked instead")
        self._blocks.append(image_or_link_html(image, alt_text, caption))

    def _media_embed(self, node: Node) -> None:
        nodes = [node, *node.all("source", "iframe")]
        address = next((each.attributes["src"].strip() for each in nodes if each.attributes.get("src")), "")
        address = f"https:{address}" if address.startswith("//") else address
        if address:
            self._blocks.append(embed_reference(self._media.address(address)))

    def _end_paragraph(self) -> None:
        ends = "".join(end for _begin, end in reversed(self._open_inline_tags))
        begins = [begin for begin, _end in self._open_inline_tags]
        html = _trim("".join(self._paragraph) + ends)
        self._paragraph = begins
        bare = _trim(re.sub(r"<(?!br>)[^<>]*>", "", html))
        if not bare:
            return
        if _ADDRESS.fullmatch(html):
            self._blocks.append(embed_reference(html.replace("&amp;", "&")))
        else:
            self._blocks.append(f"<p>{html}</p>")


def _line_break(blank: re.Match[str]) -> str:
    return "<br>" if "\n" in blank[0] else blank[0]


def _trim(html: str) -> str:
    """Remove blanks and line breaks at both ends; a regular expression would need quadratic time for the end."""
    blanks = _LEADING_BLANKS.match(html)
    begin, end = blanks.end() if blanks else 0, len(html)
    while html.endswith("<br>", begin, end) or (end > begin and html[end - 1].isspace()):
        end -= 1 if html[end - 1].isspace() else len("<br>")
    return html[begin:end]


def _text_lines(node: Node) -> list[str]:
    lines = [""]
    for child in node.children:
        if isinstance(child, str):
            first, *rest = child.split("\n")
        elif child.tag in {"br", "p", "div", "li"}:
            first, *rest = ["", *_text_lines(child)]
        else:
            first, *rest = _text_lines(child)
        lines[-1] += first
        lines += rest
    return lines
