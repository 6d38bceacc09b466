"""Measurement of one image: received by this process, decoded and drawn by others. bench/images.py starts it."""

import os
import resource
import subprocess
import sys
import tempfile
import time

from django.core.files.base import ContentFile

from articles.images.limits import process_limits
from articles.images.process import ImageProcess, process_lock
from articles.images.protocol import DRAW_RENDITIONS
from articles.images.renditions import DrawRenditionsJob
from articles.images.upload import check_upload, process_upload
from articles.models import Image


def one(kind, width, height):
    """Measure one image. Another process creates it, so that its memory is not counted here."""
    content = subprocess.run(
        [sys.executable, "-m", "bench.images", "make", kind, width, height], check=True, stdout=subprocess.PIPE
    ).stdout
    before, began = peak(), time.process_time()
    upload = check_upload(ContentFile(content, "x"))
    received, received_peak = time.process_time() - began, peak() - before

    megapixels = int(width) * int(height) / 1e6
    print(
        f"| {kind}, {megapixels:.0f} million pixels | {len(content) / 1e6:.1f} | {received:.2f} | {received_peak:.0f} "
        f"| {apart(lambda: decode(upload))} | {apart(lambda: draw(process_upload(upload)))} |",
        flush=True,
    )


def decode(upload):
    began = time.perf_counter()
    cleaned = process_upload(upload)
    seconds = time.perf_counter() - began
    return f"{seconds:.1f} | {peak(resource.RUSAGE_CHILDREN):.0f} | {len(cleaned.content) / 1000:.0f}"


def draw(cleaned):
    renditions = DrawRenditionsJob(Image(width=cleaned.width, height=cleaned.height))
    with tempfile.TemporaryFile() as file, process_lock(DRAW_RENDITIONS, waits=True) as mine:
        file.write(cleaned.content)
        began = time.perf_counter()
        process = ImageProcess(renditions.job(file), file, renditions.names, limits=process_limits(), turn=mine)
        files = process.result()
    sizes = [len(content) / 1000 for name, content in files.items() if name.endswith(".avif")]
    return f"{time.perf_counter() - began:.1f} | {sizes[0]:.0f}, {sizes[-1]:.0f}"


def apart(work):
    """Return the result of `work` in a new process, whose only children are the image processes."""
    read, written = os.pipe()
    if os.fork():
        os.close(written)
        with os.fdopen(read) as said:
            line = said.read()
        os.wait()
        return line
    os.write(written, work().encode())
    os._exit(0)


def peak(who=resource.RUSAGE_SELF):
    return resource.getrusage(who).ru_maxrss / 1024
