"""Header parser for JPEG (ITU-T T.81): marker segments, with scans of compressed data between them."""

from __future__ import annotations

import re
import struct

from articles.images.headers.source import BadHeader, Header, Source

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SIZES = {0xC0, 0xC1, 0xC2}  # SOF0 to SOF2: baseline, extended, progressive
_OTHER_SIZES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xDE}  # lossless, hierarchical, arithmetic
_METADATA = {0xFE, *range(0xE0, 0xF0)}
_COMPONENTS = (1, 3, 4)
# Markers that end a scan. libjpeg skips those below C0 within one, without a length.
_END_OF_SCAN = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]", re.DOTALL)
_FIRST_CHUNK, _MAX_CHUNK = 256, 64 * 1024  # bytes; small at first, because a file may have many short segments


def matches(start: bytes) -> bool:
    return start.startswith(b"\xff\xd8\xff")


def parse_header(source: Source, *, max_scans: int) -> Header:
    """Visit all segments up to the end of the first image. Phones append more images."""
    source.skip(2)
    size: tuple[int, int] | None = None
    scans = metadata = 0
    while (marker := _next_marker(source, is_in_scan=scans > 0)) not in {_EOI, None}:
        if marker in _OTHER_SIZES or (marker in _SIZES and size) or (marker == _SOS and not size):
            raise BadHeader(f"unexpected marker {marker:x}")
        length = struct.unpack(">H", source.read(2))[0] - 2
        if length < 0:
            raise BadHeader("segment without length")
        if marker in _SIZES:
            size = _size_in(source.read(length))
            continue
        source.skip(length)
        metadata += length if marker in _METADATA else 0
        scans += marker == _SOS
        if scans > max_scans:
            break
    if size is None or not scans:
        raise BadHeader("no image")
    return Header("JPEG", *size, scans=scans, parts=source.parts, metadata=metadata)


def _size_in(segment: bytes) -> tuple[int, int]:
    if len(segment) < 6:
        raise BadHeader("short frame header")
    _precision, height, width, components = struct.unpack(">BHHB", segment[:6])
    if not width or not height or components not in _COMPONENTS:
        raise BadHeader("frame header")
    return width, height


def _next_marker(source: Source, *, is_in_scan: bool) -> int | None:
    """Return the next marker, or None if the file ends within a scan. The decoder decides whether the data suffices."""
    source.count_part()
    if is_in_scan:
        return _after_scan(source)
    if source.read(1) != b"\xff":
        raise BadHeader("no marker")
    return _without_fill(source)


def _without_fill(source: Source) -> int:
    while (byte := source.read(1)[0]) == 0xFF:
        source.count_part()
    if byte < 0xC0 or 0xD0 <= byte <= _SOI:
        raise BadHeader(f"unexpected marker {byte:x}")
    return byte


def _after_scan(source: Source) -> int | None:
    """Search the end of a scan in chunks, so that other threads can run in between."""
    kept, size = b"", _FIRST_CHUNK
    while some := source.read_some(size):
        size = min(4 * size, _MAX_CHUNK)
        piece = kept + some
        kept = b"\xff" if piece.endswith(b"\xff") else b""
        if piece.count(b"\xff") == piece.count(b"\xff\x00") + len(kept):  # much faster than the regular expression
            continue
        if found := _END_OF_SCAN.search(piece):
            source.position -= len(piece) - found.end()
            return piece[found.end() - 1]
    return None
