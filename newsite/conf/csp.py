"""Content security policies: what a page may load, and from where."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE

# Hosts of embeds (articles/content/embeds.py). Repeated here, because settings import no application code.
FRAME_SOURCES = [
    "https://datawrapper.dwcdn.net",
    "https://geo.dailymotion.com",
    "https://open.spotify.com",
    "https://player.vimeo.com",
    "https://w.soundcloud.com",
    "https://www.tiktok.com",
    "https://www.youtube-nocookie.com",
]


def public_policy(media_url: str) -> dict[str, Any]:
    """Return the policy of public pages, constant and without nonce, because these are the same for all readers."""
    return {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, *_origin(media_url)],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": FRAME_SOURCES,  # loaded only after the reader's click
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }


def admin_policy(media_url: str) -> dict[str, Any]:
    """Return the policy of the admin: the article editor needs an import map with a nonce, and inline styles."""
    return {
        **public_policy(media_url),
        "script-src": [SELF, NONCE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, *_origin(media_url), "data:"],
    }


def _origin(url: str) -> list[str]:
    """Return the origin of an absolute URL, in a list; empty for addresses of the site itself."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
