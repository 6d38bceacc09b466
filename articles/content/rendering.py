"""Rendering of article bodies: references become images, and embeds that contact their host only after a click."""

from __future__ import annotations

import re

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from articles.content.embeds import parse_embed
from articles.content.sanitizer import CAPTION_PATTERN, image_ids_in
from articles.images.html import figure_html
from articles.models import Image

_FIGURE = re.compile(
    rf'<figure data-(image|embed)="([^"<]*)">(?:<figcaption>({CAPTION_PATTERN})</figcaption>)?</figure>'
)


def render_body(html: str) -> SafeString:
    """Render a sanitized body (articles/content/sanitizer.py). Run one query if it has images.

    Omit images that were deleted or are not ready.
    """
    images = Image.objects.ready().in_bulk(image_ids_in(html)) if "<figure data-image" in html else {}

    def figure(match: re.Match[str]) -> str:
        kind, value, caption = match.groups(default="")
        if kind == "embed":
            return _embed_html(value, caption)
        image = images.get(int(value))
        return figure_html(image, "body", caption=caption) if image else ""

    return mark_safe(_wrap_tables(_FIGURE.sub(figure, html)))


def _wrap_tables(html: str) -> str:
    """Wrap tables in a box, so that wide tables scroll separately and with the keyboard."""
    if "<table>" not in html:
        return html
    box = format_html('<div class="table" role="region" aria-label="{}" tabindex="0">', _("Table"))
    return html.replace("<table>", f"{box}<table>").replace("</table>", "</table></div>")


def _embed_html(address: str, caption: str) -> str:
    """Return a link and a button that articles/embeds.js shows.

    The browser sends no request to the embed's host before the reader presses the button.
    """
    embed = parse_embed(address)
    if embed is None:  # the host was removed from EMBED_HOSTS
        return format_html('<p><a href="{0}">{0}</a></p>', mark_safe(address))
    name = embed.host.name
    return format_html(
        '<figure class="embed of-{}"><div class="frame" data-frame="{}" data-title="{}" lang="{}" dir="{}">'
        '<p class="host">{}</p><button type="button" hidden>{}</button>'
        '<p class="elsewhere"><a href="{}" rel="noopener">{}</a></p><p class="note" hidden>{}</p></div>{}</figure>',
        embed.host.kind,
        embed.frame,
        strip_tags(caption) or name,
        get_language(),
        "rtl" if get_language_bidi() else "ltr",
        name,
        _("Show here"),
        embed.address,
        _("Open on %(host)s") % {"host": name},
        _("Loading it lets %(host)s know you visited this page.") % {"host": name},
        mark_safe(f"<figcaption>{caption}</figcaption>" if caption else ""),
    )
