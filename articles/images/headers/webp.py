"""Header parser for WebP (RFC 9649): RIFF chunks, either one image or a canvas (VP8X) with images."""

from __future__ import annotations

import struct

from articles.images.headers.source import BadHeader, Header, Source

_METADATA = {b"ICCP", b"EXIF", b"XMP "}


def matches(start: bytes) -> bool:
    return start[:4] == b"RIFF" and start[8:12] == b"WEBP"


def parse_header(source: Source, *, max_scans: int) -> Header:
    source.skip(4)
    end = struct.unpack("<I", source.read(4))[0] + 8
    if end > source.size:
        raise BadHeader("cut off")
    source.skip(4)
    width = height = frames = metadata = 0
    while source.position + 8 <= end:
        source.count_part()
        kind, length = struct.unpack("<4sI", source.read(8))
        if reader := _SIZES.get(kind):
            size = reader(source.peek(10))
            width, height = max(width, size[0]), max(height, size[1])
        frames += kind in {b"VP8 ", b"VP8L", b"ANMF"}
        metadata += length if kind in _METADATA else 0
        source.skip(length + length % 2 if source.position + length < source.size else length)
    if not frames or not width or not height:
        raise BadHeader("no image")
    return Header("WEBP", width, height, frames=min(frames, 2), parts=source.parts, metadata=metadata)


def _lossy(start: bytes) -> tuple[int, int]:
    if start[3:6] != b"\x9d\x01\x2a" or len(start) < 10:
        raise BadHeader("no lossy frame")
    width, height = struct.unpack("<HH", start[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _lossless(start: bytes) -> tuple[int, int]:
    if start[:1] != b"\x2f" or len(start) < 5:
        raise BadHeader("no lossless frame")
    bits = struct.unpack("<I", start[1:5])[0]
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _canvas(start: bytes) -> tuple[int, int]:
    if len(start) < 10:
        raise BadHeader("no canvas")
    return int.from_bytes(start[4:7], "little") + 1, int.from_bytes(start[7:10], "little") + 1


_SIZES = {b"VP8 ": _lossy, b"VP8L": _lossless, b"VP8X": _canvas}
