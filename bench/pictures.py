"""What it costs to take a picture in, and to draw it in its sizes: python -m bench.pictures"""

import io
import os
import resource
import subprocess
import sys
import time

import django
from django.core.files.base import ContentFile
from PIL import Image, ImageChops

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"  # files in memory
django.setup()

from articles import renditions  # noqa: E402
from articles.images import clean  # noqa: E402
from articles.models import Picture  # noqa: E402

CASES = [("JPEG", 6000, 4000), ("JPEG", 9504, 6336), ("PNG", 3000, 2000), ("WEBP", 4000, 3000), ("AVIF", 4000, 3000)]


def main():
    print("| given | MB | taken in, s | peak MiB | kept, kB | drawn, s | peak MiB | smallest, largest AVIF, kB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for case in CASES:
        subprocess.run([sys.executable, "-m", "bench.pictures", *map(str, case)], check=True)


def photograph(kind, width, height):
    """Something with the frequencies of one: clouds of several sizes, and a little grain."""
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


def one(kind, width, height):
    """The picture is made by another process, so that its memory is not counted here."""
    content = subprocess.run(
        [sys.executable, "-m", "bench.pictures", "make", kind, width, height], check=True, stdout=subprocess.PIPE
    ).stdout
    before = peak()
    began = time.perf_counter()
    cleaned = clean(ContentFile(content, "x"))
    taken, taken_peak = time.perf_counter() - began, peak() - before

    read, written = os.pipe()
    if os.fork():  # drawing has a peak of its own
        os.close(written)
        line = os.fdopen(read).read()
        os.wait()
    else:
        picture = Picture(digest=cleaned.digest)
        picture.file.save("x." + cleaned.extension, ContentFile(cleaned.content), save=False)
        began = time.perf_counter()
        drawn = renditions._draw_all(picture)
        seconds = time.perf_counter() - began
        sizes = [picture.file.storage.size(each["avif"]) / 1000 for each in drawn["widths"]]
        os.write(written, f"{seconds:.1f} | {peak() - before:.0f} | {sizes[0]:.0f}, {sizes[-1]:.0f}".encode())
        os._exit(0)
    megapixels = int(width) * int(height) / 1e6
    print(
        f"| {kind}, {megapixels:.0f} million pixels | {len(content) / 1e6:.1f} | {taken:.1f} | {taken_peak:.0f} "
        f"| {len(cleaned.content) / 1000:.0f} | {line} |",
        flush=True,
    )


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "make":
        sys.stdout.buffer.write(photograph(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        one(*sys.argv[1:])
