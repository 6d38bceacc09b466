"""Header parser for GIF89a: blocks with data in sub-blocks of at most 255 bytes."""

from __future__ import annotations

import struct

from articles.images.headers.source import BadHeader, Header, Source, TooManyParts

_PADDING, _EXTENSION, _IMAGE, _END = b"\x00", b"\x21", b"\x2c", b"\x3b"
_HAS_COLORS, _COLORS = 0x80, 0x07
_MAX_SUB_BLOCKS = 400_000  # 25 MB fill 100,000
_CHUNK = 64 * 1024


def matches(start: bytes) -> bool:
    return start.startswith((b"GIF87a", b"GIF89a"))


def parse_header(source: Source, *, max_scans: int) -> Header:
    """Visit the blocks up to the second frame."""
    source.skip(6)
    width, height, flags = struct.unpack("<HHBxx", source.read(7))
    _skip_colors(source, flags)
    frames = 0
    while frames < 2 and not source.is_at_end():
        source.count_part()
        kind = source.read(1)
        if kind == _PADDING:
            continue
        if kind == _END:
            break
        if kind == _IMAGE:
            frames += 1
            left, top, across, down, flags = struct.unpack("<HHHHB", source.read(9))
            width, height = max(width, left + across), max(height, top + down)
            _skip_colors(source, flags)
        elif kind != _EXTENSION:
            raise BadHeader("unknown block")
        source.skip(1)  # the extension's label, or the size of the image's codes
        _skip_sub_blocks(source)
    if not frames or not width or not height:
        raise BadHeader("no image")
    return Header("GIF", width, height, frames=frames, parts=source.parts)


def _skip_colors(source: Source, flags: int) -> None:
    if flags & _HAS_COLORS:
        source.skip(3 << (flags & _COLORS) + 1)


def _skip_sub_blocks(source: Source) -> None:
    """Skip up to the empty sub-block or the end of the file. The decoder decides whether the data suffices."""
    piece, at = b"", 0
    for _number in range(_MAX_SUB_BLOCKS):
        if at >= len(piece):
            source.position += at - len(piece)
            piece, at = source.read_some(_CHUNK), 0
            if not piece:
                return
        length = piece[at]
        at += length + 1
        if not length:
            source.position += at - len(piece)
            return
    raise TooManyParts
