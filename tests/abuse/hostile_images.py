"""Images that cost more than their size suggests, written by hand because encoders do not produce them."""

import io
import struct
import zlib

from PIL import Image

from tests.support.images import draw_image, image_bytes


def jpeg_segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg_of_scans(width, height, scans, *, kind=0xC2):
    """Return a grey progressive JPEG. Each scan after the first has few bytes, but decoding it visits every block."""
    blocks = -(-width // 8) * -(-height // 8)
    first = jpeg_segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes(-(-blocks // 8))
    runs = -(-blocks // 0x7FFE)  # one code ends as many blocks as 15 bits can say, less one: no byte is all ones
    bits = ("0" + "1" * 13 + "0") * runs
    bits += "1" * (-len(bits) % 8)
    scan_data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    later_scan = jpeg_segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + scan_data
    return b"".join(
        [
            b"\xff\xd8",
            jpeg_segment(0xDB, b"\0" + b"\1" * 64),
            jpeg_segment(kind, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"),
            jpeg_segment(0xC4, b"\0\1" + bytes(15) + b"\0"),
            jpeg_segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0"),
            first,
            later_scan * (scans - 1),
            b"\xff\xd9",
        ]
    )


def jpeg_of_hidden_scans(width, height, scans):
    """Return a JPEG whose scans follow a TEM marker, which has no length, and two bytes that look like one."""
    content = jpeg_of_scans(width, height, scans)
    position = content.index(b"\xff\xda", content.index(b"\xff\xda") + 1)
    length = min(0xFDFF, len(content) - position)
    return content[:position] + b"\xff\x01" + struct.pack(">H", length) + content[position:]


def jpeg_of_scans_behind_restarts(width, height, scans, *, marker=0x02):
    """Return a JPEG whose scans are hidden five hundred at a time.

    Where libjpeg expects a restart marker it skips any marker below C0, which has no length then.
    """
    plain = jpeg_of_scans(width, height, 2)
    start = plain.index(b"\xff\xda", plain.index(b"\xff\xda") + 1)
    header, run = plain[start : start + 10], plain[start + 10 : -2]
    groups = []
    for _ in range(scans // 500):
        hidden = jpeg_segment(0xDD, b"\0\0") + (header + run) * min(500, 0xFD00 // len(header + run))
        begin = jpeg_segment(0xDD, struct.pack(">H", 32_766)) + header + run[:2]
        groups.append(begin + bytes([0xFF, marker]) + struct.pack(">H", len(hidden) + 2) + hidden)
    return plain[:start] + b"".join(groups) + b"\xff\xd9"


def jpeg_of_segments(number):
    """Return a JPEG of one scan with this many empty comments and 70 kB of data behind it."""
    plain = jpeg_of_scans(64, 64, 1)
    return plain[:-2] + b"\xff\xfe\0\2" * number + bytes(70_000) + b"\xff\xd9"


def png_chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_zeros(width, height, *, bits=8, color=0, before=b""):
    """Return a complete PNG of zeros, compressed to a thousandth of its size."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[color]
    row = -(-width * channels * bits // 8) + 1
    packer, data, rows_left = zlib.compressobj(9), [], height
    rows_per_chunk = max(1, 1_000_000 // row)
    while rows_left:
        rows = min(rows_left, rows_per_chunk)
        data.append(packer.compress(bytes(row * rows)))
        rows_left -= rows
    data.append(packer.flush())
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    rest = png_chunk(b"IDAT", b"".join(data)) + png_chunk(b"IEND")
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + before + rest


def compressed_text(megabytes):
    """Return chunks for `before` that each become `megabytes` in memory."""
    zeros = zlib.compress(bytes(megabytes * 1024 * 1024), 9)
    profile = png_chunk(b"iCCP", b"icc\0\0" + zeros)
    return profile + png_chunk(b"zTXt", b"a\0\0" + zeros) + png_chunk(b"iTXt", b"b\0\1\0\0\0" + zeros)


def gif_of_frames(number):
    begin = b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 10, 10, 0) + b"\2\2\x44\1\0"
    return begin + frame * number + b"\x3b"


def webp_of_frames(number):
    frames = [draw_image(16, 16, color=(number % 16 * 16, number // 16 % 16 * 16, 99)) for number in range(number)]
    return image_bytes("WEBP", frames[0], save_all=True, append_images=frames[1:])


def webp_that_claims(width, height):
    """Return a WebP whose canvas has this size, around an image of 60 x 40."""
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    inner = image_bytes("WEBP", draw_image(60, 40))[12:]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def avif_that_claims(width, height):
    """Return an AVIF whose `ispe` box claims another size than its frames have."""
    content = image_bytes("AVIF", draw_image(60, 40))
    size = struct.pack(">II", 60, 40)
    assert content.count(b"ispe\0\0\0\0" + size) >= 1
    return content.replace(b"ispe\0\0\0\0" + size, b"ispe\0\0\0\0" + struct.pack(">II", width, height))


def iso_box(kind, content):
    return struct.pack(">I4s", len(content) + 8, kind) + content


def flat_image(kind, width, height, **options):
    """Return a single-colour image of this size, which is quick to encode."""
    buffer = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), (width, height), options.pop("color", 0)).save(buffer, kind, **options)
    return buffer.getvalue()


def avif_that_understates(width, height):
    """Return an AVIF of this size whose `ispe` box claims 60 x 40."""
    content = flat_image("AVIF", width, height, speed=10)
    size = struct.pack(">II", width, height)
    assert b"ispe\0\0\0\0" + size in content
    return content.replace(b"ispe\0\0\0\0" + size, b"ispe\0\0\0\0" + struct.pack(">II", 60, 40))


def jpeg_that_claims(width, height):
    content = image_bytes("JPEG", draw_image(60, 40))
    size = struct.pack(">HH", 40, 60)
    assert content.count(b"\x08" + size) == 1
    return content.replace(b"\x08" + size, b"\x08" + struct.pack(">HH", height, width))
