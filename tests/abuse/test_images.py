"""Images that cost more than they seem to: what they take of the site, and what becomes of them."""

import io
import os
import secrets
import subprocess
import sys

import pytest

from articles.images.headers import read_header
from articles.models import Image
from tests.abuse import hostile_images as hostile
from tests.abuse.measure import MAX_REQUEST_MEMORY_BYTES, check_upload_cost, measure_upload
from tests.support.images import draw_image, image_bytes

MEGABYTE = 1024 * 1024

REFUSED = {
    "500 passes over 16 million pixels": (lambda: hostile.jpeg_of_scans(4_000, 4_000, 500), "too many scans"),
    "400 passes behind a marker that has no length": (
        lambda: hostile.jpeg_of_hidden_scans(1_000, 1_000, 400),
        "too many scans",
    ),
    "2,000 passes behind reserved markers that libjpeg skips at a restart": (
        lambda: hostile.jpeg_of_scans_behind_restarts(1_000, 1_000, 2_000),
        "too many scans",
    ),
    "one pixel across": (lambda: hostile.png_of_zeros(1, 36_000_000), "1 × 36,000,000 pixels"),
    "one pixel down": (lambda: hostile.png_of_zeros(36_000_000, 1), "36,000,000 × 1 pixels"),
    "25,000 chunks": (
        lambda: hostile.png_of_zeros(9, 9, before=hostile.png_chunk(b"tEXt", b"a\0b") * 25_000),
        "too many parts",
    ),
    "9 MB of metadata": (
        lambda: hostile.png_of_zeros(9, 9, before=hostile.png_chunk(b"iTXt", bytes(9 * MEGABYTE))),
        "Too much metadata",
    ),
    "10,000 frames": (lambda: hostile.gif_of_frames(10_000), "Animated images"),
    "a WebP of 300 frames": (lambda: hostile.webp_of_frames(300), "Animated images"),
    "a canvas that is not filled": (lambda: hostile.webp_that_claims(16_383, 16_383), "16,383 × 16,383 pixels"),
    "an AVIF of 900 million pixels": (lambda: hostile.avif_that_claims(30_000, 30_000), "30,000 × 30,000 pixels"),
    "a JPEG of 4 billion pixels": (lambda: hostile.jpeg_that_claims(65_535, 65_535), "65,535 × 65,535 pixels"),
    "a TIFF": (lambda: image_bytes("TIFF"), "This file is damaged or isn’t an image we can read"),
    "an ICO": (lambda: image_bytes("ICO"), "This file is damaged or isn’t an image we can read"),
    "an EPS": (lambda: image_bytes("EPS"), "This file is damaged or isn’t an image we can read"),
    "an SVG": (
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "This file is damaged or isn’t an image we can read",
    ),
    "25 MB of nothing behind a header": (
        lambda: image_bytes("JPEG", draw_image(8, 8))[:-300] + b"\xff" * (25 * MEGABYTE - 2_000),
        None,
    ),
}

# Defects that the header does not show. The result is that of the process, within its limits.
TAKEN = {
    "30 passes over 16 million pixels": (lambda: hostile.jpeg_of_scans(4_000, 4_000, 30), ""),
    "100 MB each of profile and texts": (
        lambda: hostile.png_of_zeros(60, 40, before=hostile.compressed_text(100)),
        "unreadable",
    ),
    "a larger image than it says": (lambda: hostile.avif_that_understates(2_000, 2_000), ""),
    "half of an image": (lambda: hostile.flat_image("JPEG", 2_000, 2_000)[:-2_000], "unreadable"),
    "a script behind a picture": (lambda: image_bytes("GIF") + b"<script>alert(1)</script>PK\3\4", ""),
    "a document that begins as a picture": (lambda: b"GIF89a/*" + b"<html><script>alert(1)</script>" * 9, None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_says_what_is_wrong_and_takes_little(reporter, monkeypatch, name):
    make, sentence = REFUSED[name]
    content = make()
    measure_upload(reporter, image_bytes())  # load modules before measuring
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **options: pytest.fail("a process"))
    answer, _cpu, memory = measure_upload(reporter, content)
    if sentence is not None:
        assert sentence in " ".join(answer.context["adminform"].form.errors["file"])
        assert Image.objects.count() == 1
    assert memory < MAX_REQUEST_MEMORY_BYTES + 3 * (
        len(content) if len(content) > MEGABYTE else 0
    )  # the test sends it from memory


@pytest.mark.parametrize("name", TAKEN)
def test_what_the_header_does_not_tell_is_found_by_a_process_within_its_limits(reporter, name, settings):
    check_upload_cost(reporter, settings, *TAKEN[name])


def test_the_cpu_of_a_request_follows_the_bytes_and_not_what_they_claim(reporter):
    """Decoding all passes of a bomb takes a hundred times as much CPU time as an ordinary image of its size."""
    bomb, harmless = hostile.jpeg_of_scans(4_000, 4_000, 1_000), hostile.flat_image("JPEG", 3_500, 3_500)
    assert 0.3 < len(bomb) / len(harmless) < 3
    measure_upload(reporter, image_bytes())
    costs = [min(measure_upload(reporter, content)[1] for _ in range(3)) for content in (bomb, harmless)]
    assert costs[0] < 3 * costs[1] + 0.05


def test_the_cost_of_a_header_follows_the_bytes_and_not_the_segments():
    """Counted in bytes that are read: time would depend on the machine."""
    content = hostile.jpeg_of_segments(19_000)
    file = Counted(content)
    read_header(file, max_parts=20_000, max_scans=30)
    assert file.bytes_read < 100 * len(content)


class Counted(io.BytesIO):
    bytes_read = 0

    def read(self, number=-1):
        some = super().read(number)
        self.bytes_read += len(some)
        return some


def test_the_site_itself_never_loads_a_decoder():
    """Run in a separate process, because the tests have loaded the decoder in this one."""
    code = (
        "import sys, django; django.setup()\n"
        "from django.urls import get_resolver\n"
        "from django.contrib import admin\n"
        "import newsite.wsgi, newsite.worker.worker, articles.admin.images\n"
        "assert get_resolver().url_patterns and admin.site._registry\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] == 'PIL'))"
    )
    site = {**os.environ, "SITE_URL": "https://news.example.org", "SECRET_KEY": secrets.token_hex(25)}
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=site, capture_output=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == b"[]"
