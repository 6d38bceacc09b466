"""Image headers: format, size, frames, scans and chunks of a file, read without decoding it.

The parsers use neither Pillow nor any other decoder. Their time is linear in the file size, and the number of
segments, chunks, blocks or boxes they visit is limited. They run in request threads; decoders do not.
"""

from __future__ import annotations

from typing import IO

from articles.images.headers import avif, gif, jpeg, png, webp
from articles.images.headers.source import BadHeader, Header, Source, TooManyParts

__all__ = ["BadHeader", "Header", "TooManyParts", "read_header"]

_FORMATS = (jpeg, png, gif, webp, avif)
_SIGNATURE_BYTES = 16


def read_header(file: IO[bytes], *, max_parts: int, max_scans: int) -> Header:
    """Return the header of an image file.

    Raise BadHeader if the file is not a JPEG, PNG, GIF, WebP or AVIF file or is damaged. Raise TooManyParts if it has
    more than `max_parts` segments, chunks, blocks or boxes. The count of scans stops one above `max_scans`.
    """
    source = Source(file, max_parts=max_parts)
    start = source.peek(_SIGNATURE_BYTES)
    for each in _FORMATS:
        if each.matches(start):
            return each.parse_header(source, max_scans=max_scans)
    raise BadHeader("unknown signature")
