"""Benchmark of uploading an image and drawing its renditions.

Usage: python -m bench.images
"""

import io
import os
import subprocess
import sys

from PIL import Image, ImageChops

CASES = [("JPEG", 6000, 4000), ("JPEG", 9504, 6336), ("PNG", 3000, 2000), ("WEBP", 4000, 3000), ("AVIF", 4000, 3000)]
ONE = "import sys, django; django.setup(); from bench.one_image import one; one(*sys.argv[1:])"


def main():
    print(
        "| given | MB | request, s of CPU | peak MiB | decoded, s | peak MiB | kept, kB | drawn, s "
        "| smallest, largest AVIF, kB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}  # files in memory
    for case in CASES:
        subprocess.run([sys.executable, "-c", ONE, *map(str, case)], check=True, env=environment)


def photograph(kind, width, height):
    """Return an image with the frequencies of a photograph: clouds of several sizes, and some grain."""
    channels = []
    for shift in range(3):
        channel = Image.new("L", (width, height), 128)
        for size, weight in ((6, 0.5), (40, 0.4), (300, 0.25), (1500, 0.12)):
            cloud = Image.effect_noise((size, size * height // width + shift), 90).resize(
                (width, height), Image.Resampling.BICUBIC
            )
            channel = Image.blend(channel, cloud, weight)
        channels.append(ImageChops.add(channel, Image.effect_noise((width, height), 8), scale=1, offset=-128))
    written = io.BytesIO()
    Image.merge("RGB", channels).save(written, kind, quality=92)
    return written.getvalue()


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        sys.stdout.buffer.write(photograph(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        main()
