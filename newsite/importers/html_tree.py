"""Parser of untrusted HTML into a tree with limited depth, without errors.

Beautiful Soup was tried instead: it does not limit the depth, flattening its tree took quadratic time for deep nesting,
and converting an article took twice as long, a comment three times.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

MAX_DEPTH = 40  # deeper elements become children at this depth
VOID_TAGS = frozenset(["br", "hr", "img", "source", "track", "embed", "wbr"])
_BLOCKS = ["p", "div", "section", "article", "header", "footer", "aside", "main", "address", "center", "details"]
_BLOCKS += ["summary", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre"]
_BLOCKS += ["hr", "figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"]
_INLINE = ["a", "strong", "b", "em", "i", "cite", "s", "del", "strike", "sub", "sup", "q", "code", "br"]
_MEDIA = ["img", "iframe", "video", "audio", "source", "embed"]
_DROPPED_TAGS = ["script", "style", "noscript", "template", "svg", "math", "select", "textarea", "object", "title"]
_ATTRIBUTES = {
    "a": {"href", "rel"},
    "img": {"src", "alt", "title", "width", "height", "class"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "figure": {"class"},
    "div": {"class"},
    **{tag: {"src"} for tag in ("iframe", "video", "audio", "source", "embed")},
}
MARKER_PREFIX = "data-newsite-"  # attributes for data between conversion steps

_cleaner = nh3.Cleaner(
    tags={*_BLOCKS, *_INLINE, *_MEDIA},
    clean_content_tags=set(_DROPPED_TAGS),
    attributes=_ATTRIBUTES,
    generic_attribute_prefixes={MARKER_PREFIX},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


@dataclass(slots=True)
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Node]:
        """Return the descendants with these tags, in document order."""
        nodes: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                nodes += [child] if child.tag in tags else []
                nodes += child.all(*tags)
        return nodes

    def first(self, *tags: str) -> Node | None:
        return next(iter(self.all(*tags)), None)

    def child(self, tag: str) -> Node | None:
        return next((each for each in self.children if isinstance(each, Node) and each.tag == tag), None)

    def text(self) -> str:
        """Return the text with whitespace collapsed, as in a browser."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> list[str]:
        texts: list[str] = []
        for child in self.children:
            texts += [child] if isinstance(child, str) else [" ", *child._texts(), " "]
        return texts


def parse(html: str) -> Node:
    """Parse HTML without scripts, styles and other invisible elements; keep the content of unknown elements."""
    builder = _Builder()
    builder.feed(_cleaner.clean(html.replace("\x00", "")))  # the parser needs well-formed HTML
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open_nodes = [self.root]
        self._skipped_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self._open_nodes) >= MAX_DEPTH and tag not in VOID_TAGS:
            self._skipped_depth += 1
            return
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open_nodes[-1].children.append(node)
        if tag not in VOID_TAGS:
            self._open_nodes.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID_TAGS:
            return
        if self._skipped_depth:
            self._skipped_depth -= 1
        elif len(self._open_nodes) > 1:
            self._open_nodes.pop()

    def parse_html_declaration(self, i: int) -> int:
        """Treat `<!` as text.

        nh3 removes declarations, but leaves similar text in frames, on which the parser fails.
        """
        self.handle_data("<")
        return i + 1

    def handle_data(self, data: str) -> None:
        self._open_nodes[-1].children.append(data)
