"""HTML of a comment's text: paragraphs, line breaks and links; everything else is escaped."""

from __future__ import annotations

from dataclasses import dataclass
import html
import re

from django.utils.html import Urlizer, escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comments.text.hosts import host_of
from comments.text.long_text import fold_place


class _Linker(Urlizer):
    """Django's link detection, with the `rel` of readers' links and without email addresses."""

    url_template = '<a href="{href}" rel="nofollow ugc noopener">{url}</a>'

    @staticmethod
    def is_email_simple(value: str) -> bool:
        return False

    def trim_punctuation(self, word: str) -> tuple[str, str, str]:
        """Return the word in three parts that are all of it: Django loses what follows a closing bracket."""
        lead, middle, _trail = super().trim_punctuation(word)
        return lead, middle, word[len(lead) + len(middle) :]


_link = _Linker()
_MAY_BE_LINK = re.compile(r"[.:]\S")
_LINK = re.compile(r'<a href="([^"<]*)"[^<>]*>([^<]*)</a>')


@dataclass(frozen=True)
class Link:
    """Link in a comment.

    `shown` is what the reader typed; `host` is normalized as in hosts.py, empty if it cannot be parsed.
    """

    shown: str
    host: str


def text_as_html(text: str) -> SafeString:
    return _in_paragraphs(_link(text, autoescape=True))  # escapes everything that is not a link


def comment_as_html(text: str) -> SafeString:
    """Return the HTML; a long text is collapsed, and the rest is part of the page but shown on demand."""
    shown, rest = _halves(text, fold_place(text))
    if not rest:
        return text_as_html(text)
    return format_html(
        '{}<details class="rest"><summary><span>{}</span><span>{}</span></summary>{}</details>',
        _in_paragraphs(shown),
        _("Read the whole comment"),
        _("Show less"),
        _in_paragraphs(rest),
    )


def _halves(text: str, place: int) -> tuple[str, str]:
    """Return the HTML of both halves, with the links of the whole text.

    A part of a word that is not a link does not become one. A text is cut before a link, not within it.
    """
    split = _link.word_split_re.split
    before, behind = split(text[:place])[-1], split(text[place:])[0]
    start, end = (place - len(before), place + len(behind)) if before and behind else (place, place)
    if _LINK.search(_link(text[start:end], autoescape=True)):
        place = end = start
    shown = _link(text[:start], autoescape=True) + escape(text[start:place])
    rest = escape(text[place:end]) + _link(text[end:], autoescape=True)
    return shown.rstrip(), rest.lstrip("\n")


def _in_paragraphs(linked: str) -> SafeString:
    return mark_safe(linebreaks(linked))


def extract_links(text: str) -> list[Link]:
    """Return exactly the links that the page will show."""
    if not _MAY_BE_LINK.search(text):  # most comments have none, and the full search is slow
        return []
    found = _LINK.findall(str(_link(text, autoescape=True)))
    return [Link(shown=html.unescape(shown), host=host_of(html.unescape(href))) for href, shown in found]
