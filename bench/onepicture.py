"""One picture, taken in and drawn by this process: see bench/pictures.py, which begins it."""

import os
import resource
import subprocess
import sys
import time

from django.core.files.base import ContentFile

from articles import renditions
from articles.images import clean
from articles.models import Picture


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
    if os.fork():  # its own children: what draws
        os.close(written)
        line = os.fdopen(read).read()
        os.wait()
    else:
        picture = Picture(digest=cleaned.digest, width=cleaned.width, height=cleaned.height)
        picture.file.save("x." + cleaned.extension, ContentFile(cleaned.content), save=False)
        began = time.perf_counter()
        drawn = renditions._draw_all(picture)
        seconds = time.perf_counter() - began
        sizes = [picture.file.storage.size(each["avif"]) / 1000 for each in drawn["widths"]]
        os.write(
            written, f"{seconds:.1f} | {peak(resource.RUSAGE_CHILDREN):.0f} | {sizes[0]:.0f}, {sizes[-1]:.0f}".encode()
        )
        os._exit(0)
    megapixels = int(width) * int(height) / 1e6
    print(
        f"| {kind}, {megapixels:.0f} million pixels | {len(content) / 1e6:.1f} | {taken:.1f} | {taken_peak:.0f} "
        f"| {len(cleaned.content) / 1000:.0f} | {line} |",
        flush=True,
    )


def peak(who=resource.RUSAGE_SELF):
    return resource.getrusage(who).ru_maxrss / 1024
