"""HTML of images: all renditions, cropping by CSS classes, no layout shift.

The clean image is shown until the renditions are drawn, and in browsers that read neither of their formats.
"""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles.models import Image

# `sizes` attribute by place: the width of an image in newsite.css ("Pictures").
SIZES_ATTRIBUTES = {
    "article": "(min-width: 60rem) 52rem, 100vw",
    "body": "(min-width: 40rem) 36.25rem, 100vw",
    "lead": "(min-width: 80rem) 56rem, (min-width: 64rem) calc(100vw - 24rem), 100vw",
    "rank": "(min-width: 48rem) 9rem, 6.5rem",
    "list": "(min-width: 48rem) 15rem, 6.5rem",
    "column": "(min-width: 48rem) 18rem, 100vw",
}
EAGER_PLACES = {"article", "lead"}  # largest images of their pages; all others load lazily
SMALL_IMAGE_WIDTH = 600  # pixels: narrower images are not enlarged


def figure_html(image: Image, place: str, *, caption: str = "") -> SafeString:
    """Return a figure with caption and credit. `caption` is sanitized HTML that replaces the image's own caption.

    The image must be ready, as in the other functions of this module.
    """
    words = mark_safe(caption) if caption else format_html("{}", image.caption)
    credit = format_html('<span class="credit">{}</span>', image.credit) if image.credit else ""
    figcaption = format_html("<figcaption>{} {}</figcaption>", words, credit) if words or credit else ""
    return format_html(
        '<figure class="{}">{}{}</figure>', _figure_classes(image, place), image_html(image, place), figcaption
    )


def _figure_classes(image: Image, place: str) -> str:
    upright = " upright" if image.height > image.width else ""
    small = " small" if image.width < SMALL_IMAGE_WIDTH else ""
    return f"picture of-{place}{upright}{small}"


def image_html(image: Image, place: str, *, is_decoration: bool = False) -> SafeString:
    """Return a picture element. `is_decoration` empties the alt text, because a headline beside it says the same."""
    return format_html(
        '<picture>{}<img src="{}" alt="{}" width="{}" height="{}" class="focus-x-{} focus-y-{}" decoding="async" {}>'
        "</picture>",
        _sources(image, place),
        image.file.url,
        "" if is_decoration else image.alt_text,
        image.width,
        image.height,
        _round_to_tenth(image.focal_point_x),
        _round_to_tenth(image.focal_point_y),
        mark_safe('fetchpriority="high"' if place in EAGER_PLACES else 'loading="lazy"'),
    )


def _sources(image: Image, place: str) -> SafeString:
    widths = image.renditions.get("widths", []) if image.width >= SMALL_IMAGE_WIDTH else []
    sources = [
        (
            kind,
            ", ".join(f"{image.file.storage.url(each[kind])} {each['width']}w" for each in widths),
            SIZES_ATTRIBUTES[place],
        )
        for kind in ("avif", "webp")
        if widths
    ]
    return format_html_join("", '<source type="image/{}" srcset="{}" sizes="{}">', sources)


def _round_to_tenth(percent: int) -> int:
    return round(percent / 10)
