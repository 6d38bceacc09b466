"""Header parser for PNG (third edition): chunks. Text, profile and Exif chunks are metadata, partly compressed."""

from __future__ import annotations

import struct

from articles.images.headers.source import BadHeader, Header, Source

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_METADATA = {b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"sPLT"}


def matches(start: bytes) -> bool:
    return start.startswith(_SIGNATURE)


def parse_header(source: Source, *, max_scans: int) -> Header:
    source.skip(len(_SIGNATURE))
    width, height = _size_in(source)
    metadata, frames, has_data = 0, 1, False
    kind = b""
    while kind != b"IEND":
        kind, length = _next(source)
        if kind == b"IHDR":
            raise BadHeader("a second header chunk")
        if kind == b"acTL" and length == 8 and struct.unpack(">I", source.peek(4))[0] > 1:
            frames = 2
        has_data |= kind == b"IDAT"
        metadata += length if kind in _METADATA else 0
        source.skip(length + 4)
    if not has_data:
        raise BadHeader("no image")
    return Header("PNG", width, height, frames=frames, parts=source.parts, metadata=metadata)


def _next(source: Source) -> tuple[bytes, int]:
    source.count_part()
    length, kind = struct.unpack(">I4s", source.read(8))
    if source.position + length > source.size:
        raise BadHeader("cut off")
    return kind, length


def _size_in(source: Source) -> tuple[int, int]:
    if _next(source) != (b"IHDR", 13):
        raise BadHeader("no header chunk")
    width, height = struct.unpack(">II", source.read(8))
    source.skip(13 - 8 + 4)
    if not width or not height:
        raise BadHeader("no size")
    return width, height
