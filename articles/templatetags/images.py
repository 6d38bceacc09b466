"""Pictures in templates; `place` is one of articles/images/html.py."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from articles.images.html import figure_html, image_html
from articles.models import Image

register = template.Library()


@register.simple_tag
def figure(picture: Image, place: str) -> SafeString:
    return figure_html(picture, place)


@register.simple_tag
def decoration(picture: Image, place: str) -> SafeString:
    """Beside a headline that says what it is about."""
    return image_html(picture, place, is_decoration=True)
