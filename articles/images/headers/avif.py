"""Header parser for AVIF: boxes (ISO/IEC 14496-12), with the image sizes as properties (`ispe`) of the meta box."""

from __future__ import annotations

from collections.abc import Iterator
import struct

from articles.images.headers.source import BadHeader, Header, Source

_FULL = {b"meta", b"ispe"}  # boxes that begin with a version and flags


def matches(start: bytes) -> bool:
    return start[4:8] == b"ftyp"


def parse_header(source: Source, *, max_scans: int) -> Header:
    """Return the header with the largest of all sizes, because tiles and thumbnails are smaller than the image."""
    width = height = 0
    boxes: set[bytes] = set()
    brands = b""
    for kind, end in _boxes(source, source.size):
        boxes.add(kind)
        if kind == b"ftyp":
            brands = source.peek(min(end - source.position, 512))
        if kind == b"meta":
            for size in _sizes(source, end):
                width, height = max(width, size[0]), max(height, size[1])
        source.position = end
    listed = {brands[at : at + 4] for at in (0, *range(8, len(brands), 4))}  # the major brand, its version, the others
    if not listed & {b"avif", b"avis"} or not (width and height):
        raise BadHeader("no image")
    is_animated = b"moov" in boxes and brands[:4] == b"avis"
    return Header("AVIF", width, height, frames=2 if is_animated else 1, parts=source.parts)


def _sizes(source: Source, end: int) -> Iterator[tuple[int, int]]:
    for wanted in (b"iprp", b"ipco"):
        end = next((until for kind, until in _boxes(source, end) if kind == wanted), source.position)
    for kind, until in _boxes(source, end):
        if kind == b"ispe":
            if until - source.position < 8:
                raise BadHeader("short size")
            yield struct.unpack(">II", source.read(8))


def _boxes(source: Source, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield the kind and end of each box, with the source positioned at its content."""
    while source.position < end:
        source.count_part()
        start = source.position
        size, kind = struct.unpack(">I4s", source.read(8))
        if size == 1:
            size = struct.unpack(">Q", source.read(8))[0]
        until = start + size if size else end
        if not source.position <= until <= end:
            raise BadHeader("box of impossible size")
        if kind in _FULL:
            source.skip(4)
        yield kind, until
        source.position = until
