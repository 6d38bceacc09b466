"""The heaviest accepted images fit into the limits of the decoding process."""

import pytest

from tests.abuse import hostile_images as hostile
from tests.abuse.measure import check_upload_cost

HEAVY = {
    "36 million pixels of four colours": (lambda: hostile.png_of_zeros(6_000, 6_000, color=6), ""),
    "30 passes over 64 million pixels": (lambda: hostile.jpeg_of_scans(8_000, 8_000, 30), ""),
    "64 million pixels, progressive": (
        lambda: hostile.flat_image("JPEG", 8_000, 8_000, progressive=True, subsampling=0),
        "",
    ),
    "a lossless WebP of 36 million pixels": (
        lambda: hostile.flat_image("WEBP", 6_000, 6_000, mode="RGBA", color=(9, 9, 9, 9), lossless=True, method=0),
        "",
    ),
    "an AVIF of 36 million pixels": (lambda: hostile.flat_image("AVIF", 6_000, 6_000, speed=10), ""),
    "20,000 pixels down, 16 bits of four colours": (
        lambda: hostile.png_of_zeros(1_800, 20_000, color=6, bits=16),
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_the_heaviest_images_that_are_taken_fit_into_the_limits(reporter, name, settings):
    check_upload_cost(reporter, settings, *HEAVY[name])
