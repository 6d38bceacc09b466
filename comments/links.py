"""The HTML of a comment's text: paragraphs, line breaks and links; everything else is escaped."""

from __future__ import annotations

from dataclasses import dataclass
import html
import re

from django.utils.html import Urlizer, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comments.hosts import host_of
from comments.long_text import folded


class _Linker(Urlizer):
    """Django's own finder of addresses, with the `rel` that readers' links carry and without e-mail addresses."""

    url_template = '<a href="{href}" rel="nofollow ugc noopener">{url}</a>'

    @staticmethod
    def is_email_simple(value: str) -> bool:
        return False


_link = _Linker()
_IN_EVERY_ADDRESS = re.compile(r"[.:]\S")
_LINK = re.compile(r'<a href="([^"<]*)"[^<>]*>([^<]*)</a>')


@dataclass(frozen=True)
class Link:
    """`shown` is what the reader typed; `host` is as in hosts.py, empty if it cannot be read."""

    shown: str
    host: str


def text_as_html(text: str) -> SafeString:
    linked = _link(text, autoescape=True)  # escapes all that it does not link
    return mark_safe(linebreaks(linked))


def comment_as_html(text: str) -> SafeString:
    """As `text_as_html`, folded if it is long: the rest is in the page, and shown on demand."""
    shown, rest = folded(text)
    if not rest:
        return text_as_html(text)
    return format_html(
        '{}<details class="rest"><summary><span>{}</span><span>{}</span></summary>{}</details>',
        text_as_html(shown),
        _("Read the whole comment"),
        _("Show less"),
        text_as_html(rest),
    )


def links_in(text: str) -> list[Link]:
    """What becomes a link on the page, and nothing else."""
    if not _IN_EVERY_ADDRESS.search(text):  # as in most comments, and to look for more takes long
        return []
    found = _LINK.findall(str(_link(text, autoescape=True)))
    return [Link(shown=html.unescape(shown), host=host_of(html.unescape(href))) for href, shown in found]
