"""HTML allowed in an article: one list for the editor, the sanitizer and the importers.

To allow another element, add its extension here. The sanitizer's allowlist is derived from it. Bodies store references,
which articles/content/rendering.py turns into the HTML for readers. The exact stored forms:

An image, by the id of its Image, with a caption only if it replaces the image's own caption:

    <figure data-image="12"></figure>
    <figure data-image="12"><figcaption>Words, <em>marked up</em> or not</figcaption></figure>

A video, audio player or chart of a host in articles/content/embeds.py, by its canonical URL. Other known URL forms are
converted to it. A URL of any other host becomes a paragraph with a link:

    <figure data-embed="https://www.youtube.com/watch?v=abcdefghijk"></figure>
    <figure data-embed="https://vimeo.com/12345"><figcaption>What it is</figcaption></figure>

A table. Cells contain paragraphs. `colspan` and `rowspan` range from 2 to 99. A caption becomes a paragraph after it:

    <table><tbody><tr><th><p>Plot</p></th><th><p>Plants</p></th></tr>
    <tr><td colspan="2"><p>None</p></td></tr></tbody></table>

`image_reference` and `embed_reference` write the first two.
"""

from __future__ import annotations

from html import escape, unescape
from html.parser import HTMLParser
import re

from django_prose_editor.config import allowlist_from_extensions, expand_extensions
import nh3

from articles.content.embeds import EMBED_HOSTS, parse_embed
from articles.text import strip_control_chars

# Also the extensions of separate pages (imprint, house rules).
PAGE_EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
}
# articles/static/articles/editor_extensions.js, named in the settings, defines "Illustration" and "Embed".
ARTICLE_EXTENSIONS = {**PAGE_EXTENSIONS, "Illustration": True, "Embed": {"hosts": [host.name for host in EMBED_HOSTS]}}

CAPTION_PATTERN = r"(?>(?:[^<]+|<(?!/?fig))*)"  # caption of a stored figure, up to the next figure tag
_ID = re.compile(r"[1-9][0-9]{0,17}")
_ADDRESS = re.compile(r"https?://\S+")
_SPAN = re.compile(r"[2-9]|[1-9][0-9]")
_REFERENCE = re.compile(r'<figure data-image="([1-9][0-9]{0,17})">')
_CAPTION_TAGS = {"strong", "em", "s", "sub", "sup", "a"}
_EMPTY = {"", "<p></p>"}
_INLINE = re.compile(r"</?(?:strong|em|s|sub|sup|a|b|i|u|mark|code)\b(?:\"[^\"]*\"|[^\"<>])*>")
_ELEMENT = re.compile(r"<(?:\"[^\"]*\"|[^\"<>])*>")  # "<" occurs only within quotation marks
_MAX_PASSES = 10


def image_reference(pk: int, caption: str = "") -> str:
    """Return the stored form of an image. `caption` is HTML, which the caller sanitizes with the rest of the body."""
    return f'<figure data-image="{pk}">{_caption(caption)}</figure>'


def embed_reference(address: str, caption: str = "") -> str:
    """Return the stored form of an embed.

    For a host that is not in EMBED_HOSTS, return a paragraph with a link and a paragraph with the caption.
    """
    if embed := parse_embed(address):
        return f'<figure data-embed="{escape(embed.address)}">{_caption(caption)}</figure>'
    link = f'<p><a href="{escape(address)}">{escape(address, quote=False)}</a></p>'
    return f"{link}<p>{caption}</p>" if caption else link


def image_ids_in(html: str) -> list[int]:
    """Return the ids of the images in this sanitized HTML, in order."""
    return [int(number) for number in _REFERENCE.findall(html)]


def clean_body(html: str) -> str:
    """Sanitize the HTML of an article body: drop elements that are not allowed, and keep their text.

    Idempotent. An empty document of the editor ("<p></p>") becomes the empty string.
    """
    before, cleaned = html, _clean_once(html)
    for _ in range(_MAX_PASSES):  # hostile HTML may parse differently after a removal
        if cleaned == before:
            break
        before, cleaned = cleaned, _clean_once(cleaned)
    else:
        cleaned = _clean_once(f"<p>{escape(plain_text(cleaned), quote=False)}</p>")
    return "" if cleaned in _EMPTY else cleaned


def _clean_once(html: str) -> str:
    cleaned = _cleaner.clean(strip_control_chars(html))
    if cleaned != (bare := strip_control_chars(cleaned)):  # control characters were written as character references
        cleaned = _cleaner.clean(bare)
    return _FigureNormalizer(cleaned).html.strip() if "<fig" in cleaned else cleaned.strip()


def _clean_attribute(tag: str, name: str, value: str) -> str | None:
    match tag, name:
        case "figure", "data-image":
            return value if _ID.fullmatch(value) else None
        case "figure", "data-embed":
            return value if _ADDRESS.fullmatch(value) else None
        case (("th" | "td"), ("colspan" | "rowspan")):
            return value if _SPAN.fullmatch(value) else None
    return value


_cleaner = nh3.Cleaner(
    **allowlist_from_extensions(expand_extensions(ARTICLE_EXTENSIONS)), attribute_filter=_clean_attribute
)


class _FigureNormalizer(HTMLParser):
    """Parser that converts figures to their stored form: a reference and an optional caption.

    A figure without a reference is dropped. The input is output of the sanitizer: well-formed, without comments.
    """

    def __init__(self, cleaned: str) -> None:
        super().__init__(convert_charrefs=False)
        self._written: list[str] = []
        self._caption: list[str] = []
        self._open: list[bool] = []  # open figures: False if the figure is dropped
        self._image, self._address = "", ""  # reference of the open figure
        self.feed(cleaned)
        self.close()

    @property
    def html(self) -> str:
        return "".join(self._written)

    @property
    def _is_inside(self) -> bool:
        return any(self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "figure":
            self._open.append(not self._is_inside and self._begin(dict(attrs)))
        elif self._is_kept(tag):
            self._write(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            if self._open.pop():
                self._written.append(self._figure("".join(self._caption)))
                self._caption = []
        elif self._is_kept(tag):
            self._write(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def _begin(self, attributes: dict[str, str | None]) -> bool:
        self._image = attributes.get("data-image") or ""
        self._address = attributes.get("data-embed") or ""
        return bool(self._image or self._address)

    def _figure(self, words: str) -> str:
        words = re.sub(r"\s+", " ", words).strip()
        caption = words if re.sub(r"<[^<>]*>|\s", "", words) else ""
        if self._image:
            return image_reference(int(self._image), caption)
        return embed_reference(self._address, caption)

    def _is_kept(self, tag: str) -> bool:
        if self._is_inside and tag not in _CAPTION_TAGS:
            self._write(" ")
            return False
        return tag != "figcaption"

    def _write(self, html: str) -> None:
        (self._caption if self._is_inside else self._written).append(html)


def _caption(html: str) -> str:
    return f"<figcaption>{html}</figcaption>" if html else ""


def plain_text(body: str) -> str:
    """Return the text of a sanitized body on one line, with a space between paragraphs."""
    return " ".join(unescape(_ELEMENT.sub(" ", _INLINE.sub("", body))).split())
