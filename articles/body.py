"""The HTML that an article may consist of: one list for the editor, the cleaner and the importers.

To allow another element, add its extension here; the cleaner's list follows from it.
"""

from html import unescape
import re

from django_prose_editor.config import allowlist_from_extensions, expand_extensions
import nh3

EXTENSIONS = {
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
}

_cleaner = nh3.Cleaner(**allowlist_from_extensions(expand_extensions(EXTENSIONS)))
_EMPTY = {"", "<p></p>"}
_INLINE = re.compile(r"</?(?:strong|em|s|sub|sup|a|b|i|u|mark|code)\b(?:\"[^\"]*\"|[^\">])*>")
_ELEMENT = re.compile(r"<(?:\"[^\"]*\"|[^\">])*>")


def clean_body(html: str) -> str:
    """What of this HTML may stand in an article: everything else is dropped, text is kept.

    Idempotent. An editor's empty document ("<p></p>") becomes the empty string.
    """
    cleaned = _cleaner.clean(html.replace("\x00", "")).strip()
    return "" if cleaned in _EMPTY else cleaned


def plain_text(body: str) -> str:
    """What a cleaned body says, on one line: where a paragraph ends there is a blank."""
    return " ".join(unescape(_ELEMENT.sub(" ", _INLINE.sub("", body))).split())
