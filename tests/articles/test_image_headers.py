"""Header parsing in the web process: it reads no more than the header, in linear time, of any file."""

import contextlib
import io
import os
import time

from hypothesis import given as for_all
from hypothesis import settings as trying
from hypothesis import strategies as st
from PIL import Image
import pytest

from articles.images.headers import BadHeader, Header, TooManyParts, read_header
from tests.abuse.hostile_images import (
    avif_that_claims,
    gif_of_frames,
    iso_box,
    jpeg_of_scans,
    jpeg_segment,
    png_chunk,
    png_of_zeros,
    webp_of_frames,
    webp_that_claims,
)
from tests.conftest import examples
from tests.support.images import draw_image, image_bytes

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]
STILLS = {kind: image_bytes(kind, draw_image(40, 30)) for kind in FORMATS}
MEGABYTE = 1024 * 1024


def header(content, **limits):
    return read_header(io.BytesIO(content), **{"max_parts": 20_000, "max_scans": 30, **limits})


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (60, 40), (17, 300), (1200, 9)])
def test_format_and_size_are_what_the_decoder_finds(kind, size):
    content = image_bytes(kind, draw_image(*size))
    found = header(content)
    assert (found.format, found.width, found.height, found.frames) == (kind, *size, 1)
    assert Image.open(io.BytesIO(content)).size == size


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"restart_marker_blocks": 1}),
        ("JPEG", {"comment": "\N{BLACK HEART SUIT}" * 900, "exif": Image.Exif().tobytes()}),
        ("PNG", {"image": draw_image(60, 40, mode="P")}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"lossless": True, "exif": b"Exif\0\0odd"}),
        ("WEBP", {"image": draw_image(60, 40, mode="RGBA", color=(1, 2, 3, 4))}),
        ("AVIF", {"image": draw_image(60, 40, mode="RGBA", color=(1, 2, 3, 4)), "exif": Image.Exif().tobytes()}),
        ("MPO", {"save_all": True, "append_images": [draw_image(300, 300)]}),
    ],
)
def test_variants_of_a_format_are_read_too(kind, options):
    found = header(image_bytes(kind, **{"image": draw_image(60, 40), **options}))
    assert (found.width, found.height, found.frames) == (60, 40, 1)


def test_scans_are_counted():
    assert header(image_bytes("JPEG")).scans == 1
    assert header(image_bytes("JPEG", progressive=True)).scans == 10
    assert header(jpeg_of_scans(64, 64, 25)).scans == 25
    assert header(jpeg_of_scans(64, 64, 5_000)).scans == 31  # one more than are allowed, and no further


def test_scans_in_a_thumbnail_or_behind_the_image_do_not_count():
    inside = jpeg_segment(0xE1, b"Exif\0\0" + b"\xff\xda\0\2" * 100)
    content = image_bytes("JPEG")
    assert header(content[:2] + inside + content[2:] + b"\xff\xda" * 100).scans == 1


@pytest.mark.parametrize("place", range(64 * 1024 - 3, 64 * 1024 + 3))
def test_a_marker_is_found_wherever_the_pieces_of_the_file_are_cut(place):
    start = image_bytes("JPEG", draw_image(8, 8))
    start = start[: start.index(b"\xff\xda") + 14]
    assert header(start + b"\0" * place + b"\xff\xff\xda\0\2" + b"\1" * 9).scans == 2


def test_frames_are_counted_up_to_the_second():
    for content in (
        gif_of_frames(10_000),
        webp_of_frames(3),
        image_bytes("PNG", save_all=True, append_images=[draw_image()]),
    ):
        assert header(content).frames == 2
    moving = image_bytes("AVIF", save_all=True, append_images=[draw_image(), draw_image()])
    assert header(moving).frames == 2


def test_a_gif_is_as_large_as_what_is_drawn_on_it():
    content = image_bytes("GIF", draw_image(60, 40))
    at = content.index(b"\x2c\0\0\0\0")
    assert header(content[:at] + b"\x2c\x10\x27\0\0" + content[at + 5 :]).width == 10_060


def test_the_largest_of_several_sizes_counts():
    assert header(webp_that_claims(16_000, 9_000)) == Header("WEBP", 16_000, 9_000, parts=2)
    assert header(avif_that_claims(30_000, 30_000)).width == 30_000


def test_metadata_is_measured_as_it_is_stored():
    text = png_chunk(b"tEXt", b"a\0" + b"b" * 5_000) + png_chunk(b"iCCP", b"c" * 500)
    assert header(png_of_zeros(9, 9, before=text)).metadata == 5_502
    content = image_bytes("JPEG")
    assert header(content[:2] + jpeg_segment(0xE1, bytes(60_000)) * 3 + content[2:]).metadata == 180_000 + 14


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_is_cut_off_is_refused_or_still_has_its_size(kind):
    """A decoder has the last word on compressed data."""
    content = image_bytes(kind, draw_image(300, 200))
    for length in range(0, len(content), max(1, len(content) // 400)):
        try:
            found = header(content[:length])
        except BadHeader:
            continue
        assert (found.width, found.height) == (300, 200)
        assert kind in {"JPEG", "GIF"} or content[length + 4 :].startswith(b"mdat")


@pytest.mark.parametrize("kind", FORMATS)
@trying(max_examples=examples(60), deadline=None)
@for_all(data=st.data())
def test_no_file_meets_anything_but_a_plain_refusal(kind, data):
    content = bytearray(STILLS[kind])
    for _number in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadHeader, TooManyParts):
        assert header(bytes(content)).width > 0


JPEG = image_bytes("JPEG", draw_image(8, 8))
SCAN = JPEG[: JPEG.index(b"\xff\xda") + 14]
PNG = image_bytes("PNG", draw_image(8, 8))[:33]
GIF = b"GIF89a\1\0\1\0\0\0\0"
HOSTILE = {
    "JPEG: zeros": (SCAN, b"\0"),
    "JPEG: stuffed": (SCAN, b"\xff\0"),
    "JPEG: restarts": (SCAN, b"\xff\xd0"),
    "JPEG: fill": (SCAN, b"\xff"),
    "JPEG: fill and stuffed": (SCAN, b"\xff\xff\0"),
    "JPEG: fill before a segment": (b"\xff\xd8", b"\xff"),
    "JPEG: empty segments": (b"\xff\xd8", b"\xff\xe0\0\2"),
    "JPEG: empty scans": (SCAN, b"\xff\xda\0\2"),
    "PNG: empty chunks": (PNG, png_chunk(b"tEXt")),
    "PNG: empty data": (PNG, png_chunk(b"IDAT")),
    "GIF: sub-blocks of a byte": (GIF + b"!\xfe", b"\1a"),
    "GIF: full sub-blocks": (GIF + b"!\xfe", b"\xff" * 256),
    "GIF: empty extensions": (GIF, b"!\xfe\0"),
    "GIF: padding": (GIF, b"\0"),
    "WebP: empty chunks": (b"RIFF\xff\xff\xff\1WEBP", b"junk\0\0\0\0"),
    "AVIF: empty boxes": (iso_box(b"ftyp", b"avif\0\0\0\0"), iso_box(b"free", b"")),
    "AVIF: boxes in boxes": (iso_box(b"ftyp", b"avif\0\0\0\0"), b"\x01\0\0\0meta\0\0\0\0"),
    "random": (SCAN, os.urandom(4096)),
}


def cpu(content):
    began = time.process_time()
    with contextlib.suppress(BadHeader, TooManyParts):
        header(content)
    return time.process_time() - began


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_grows_with_the_file_at_most(name):
    """Four times as much takes six times as long at most; 20 ms for what a clock cannot tell."""
    start, part = HOSTILE[name]
    short, long = (start + part * (size // len(part)) for size in (MEGABYTE, 4 * MEGABYTE))
    assert min(cpu(long) for _ in range(3)) <= 6 * min(cpu(short) for _ in range(3)) + 0.02


@pytest.mark.parametrize("name", [name for name in HOSTILE if "empty" in name or "fill before" in name])
def test_no_more_parts_are_visited_than_were_allowed(name):
    start, part = HOSTILE[name]
    content = start + part * 30_000
    if name != "JPEG: empty scans":
        with pytest.raises((TooManyParts, BadHeader)):
            header(content)
    visited = []

    class Counted(io.BytesIO):
        def read(self, *size):
            visited.append(size)
            return super().read(*size)

    with contextlib.suppress(TooManyParts, BadHeader):
        read_header(Counted(content), max_parts=100, max_scans=30)
    assert len(visited) < 500
