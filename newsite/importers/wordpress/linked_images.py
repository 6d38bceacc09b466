"""Links around images: most lead to a larger size of the same image, others to any page."""

from __future__ import annotations

from pathlib import PurePosixPath
import re
from urllib.parse import parse_qs, unquote

from articles.content.urls import split_url
from newsite.importers.html_tree import Node
from newsite.importers.wordpress.media_html import Media

_SIZE = re.compile(r"-\d+x\d+$|-scaled$")
_MEDIA_TAGS = {"img", "figure", "iframe", "video", "audio", "embed", "source"}


def leads_to_image(link: Node, media: Media) -> bool:
    """Return whether the link leads to an image inside it, to another upload, or to the WordPress page of the image."""
    sources = [each.attributes.get("src", "") for each in link.all("img")]
    if not sources:
        return False
    href = link.attributes.get("href", "").strip()
    names = {_image_name(source) for source in sources}
    return (
        "attachment" in link.attributes.get("rel", "").split()
        or media.by_address(href) is not None
        or _is_page_of(href, names)
        or _image_name(href) in names
    )


def has_text_outside_media(link: Node) -> bool:
    """Return whether the link contains text besides images and media."""
    return any(
        bool(child.strip())
        if isinstance(child, str)
        else child.tag not in _MEDIA_TAGS and has_text_outside_media(child)
        for child in link.children
    )


def _image_name(address: str) -> tuple[str, str]:
    """Return host and file name, the same for all sizes of an image; without a file name, the address itself."""
    try:
        parts = split_url(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", address
    name = PurePosixPath(unquote(parts.path))
    return host, _SIZE.sub("", name.stem).lower() + name.suffix.lower()


def _is_page_of(href: str, names: set[tuple[str, str]]) -> bool:
    """Return whether it is "/?attachment_id=12", or an address of the same site that ends with the image's name."""
    try:
        parts = split_url(href)
    except ValueError:
        return False
    if "attachment_id" in parse_qs(parts.query):
        return True
    host, name = _image_name(href)
    return bool(name) and any(
        host in {"", image_host} and name == PurePosixPath(image_name).stem for image_host, image_name in names
    )
