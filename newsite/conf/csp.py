"""The Content-Security-Policies: what a page may load, and from where."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE

from articles.content.embeds import FRAME_SOURCES


def public_policy(media_url: str) -> dict[str, Any]:
    """Public pages are the same bytes for everyone, so their policy is constant and needs no nonce."""
    return {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, *_origin(media_url)],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": FRAME_SOURCES,  # only after a reader's click
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }


def admin_policy(media_url: str) -> dict[str, Any]:
    """The article editor brings an import map of its own (a nonce) and sets styles on what is being written."""
    return {
        **public_policy(media_url),
        "script-src": [SELF, NONCE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, *_origin(media_url), "data:"],
    }


def _origin(url: str) -> list[str]:
    """None where it is our own."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
