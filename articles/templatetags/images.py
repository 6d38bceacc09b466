"""Template tags for images. `place` is a key of SIZES_ATTRIBUTES in articles/images/html.py."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from articles.images.html import figure_html, image_html
from articles.models import Image

register = template.Library()


@register.simple_tag
def figure(image: Image, place: str) -> SafeString:
    return figure_html(image, place)


@register.simple_tag
def decoration(image: Image, place: str) -> SafeString:
    """Return an image without alt text, for use beside a headline."""
    return image_html(image, place, is_decoration=True)
