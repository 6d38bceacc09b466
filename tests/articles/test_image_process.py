"""The process that decodes: what it is given, what it may take, and what it is believed."""

import io
import json
import os
import subprocess
import sys
import tempfile
import time

from PIL import Image
import pytest

from articles.images.process import ImageProcess, ProcessBusy, ProcessingFailed, process_lock, read_result_header
from articles.images.protocol import (
    DECODE_UPLOAD,
    DRAW_RENDITIONS,
    RESULT_NAME,
    ImageProblem,
    ImageRejected,
    ProcessLimits,
    read_result,
    write_result,
)
from tests.abuse.hostile_images import jpeg_of_scans, png_of_zeros
from tests.support.images import draw_image, image_bytes

PLENTY = ProcessLimits(memory_bytes=1024 * 1024 * 1024, cpu_seconds=60, wall_seconds=120)
MEGABYTE = 1024 * 1024


def run(content, names=(RESULT_NAME,), *, limits=PLENTY, **job):
    with tempfile.TemporaryFile() as file, process_lock(DECODE_UPLOAD, waits=True) as mine:
        file.write(content)
        process = ImageProcess(job, file, names, limits=limits, turn=mine)
    return process.result()


def cleaning(content, form="PNG", **how):
    return run(content, kind=DECODE_UPLOAD, format=form, max_pixels=64_000_000, **how)[RESULT_NAME]


def program(monkeypatch, code):
    """Run this code in place of the image program."""
    monkeypatch.setattr(ImageProcess, "_command", [sys.executable, "-c", code])


def test_it_makes_a_clean_image():
    found = read_result_header(cleaning(image_bytes("PNG", draw_image(60, 40))))
    assert (found.format, found.width, found.height) == ("PNG", 60, 40)


def test_it_draws_each_file_in_its_kind_and_size():
    drawings = [
        {"name": "a.avif", "kind": "avif", "width": 20, "height": 10},
        {"name": "a.webp", "kind": "webp", "width": 20, "height": 10},
        {"name": "b.jpg", "kind": "jpg", "width": 9, "height": 9, "focus": [0, 50]},
    ]
    names = [each["name"] for each in drawings]
    files = run(image_bytes("PNG", draw_image(60, 30)), names, kind=DRAW_RENDITIONS, drawings=drawings)
    images = {name: Image.open(io.BytesIO(content)) for name, content in files.items()}
    assert {name: (image.format, image.size) for name, image in images.items()} == {
        "a.avif": ("AVIF", (20, 10)),
        "a.webp": ("WEBP", (20, 10)),
        "b.jpg": ("JPEG", (9, 9)),
    }


def test_what_it_cannot_read_is_refused_and_the_reason_is_said():
    with pytest.raises(ImageRejected) as refused:
        cleaning(image_bytes("PNG")[:60])
    assert refused.value.problem == ImageProblem.UNREADABLE
    assert "Error" in refused.value.detail


def test_a_decoder_that_finds_more_pixels_than_the_header_is_not_let_on():
    with pytest.raises(ImageRejected, match="another size"):
        run(png_of_zeros(500, 500), kind=DECODE_UPLOAD, format="PNG", max_pixels=249_999)


def test_too_much_memory_is_refused():
    content = png_of_zeros(6_000, 5_000, color=6)
    with pytest.raises(ImageRejected) as refused:
        cleaning(content, limits=ProcessLimits(160 * MEGABYTE, 60, 120))
    assert refused.value.problem == ImageProblem.TOO_COSTLY


def test_too_much_computing_is_refused():
    with pytest.raises(ImageRejected) as refused:
        cleaning(jpeg_of_scans(4_000, 4_000, 5_000), "JPEG", limits=ProcessLimits(PLENTY.memory_bytes, 1, 120))
    assert (refused.value.problem, refused.value.detail) == (ImageProblem.TOO_COSTLY, "more than 1 seconds of CPU")


def test_what_takes_too_long_is_killed(monkeypatch):
    program(monkeypatch, "import time; time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(ProcessingFailed, match="longer than 1 seconds"):
        cleaning(b"", limits=ProcessLimits(PLENTY.memory_bytes, 60, 1))
    assert time.monotonic() - began < 30


def test_it_ends_by_itself_if_who_began_it_is_gone():
    """The alarm is the process's own."""
    job = {"kind": DECODE_UPLOAD, "format": "PNG", "max_pixels": 1, "limits": {**vars(PLENTY), "wall_seconds": 1}}
    with subprocess.Popen(
        [sys.executable, "-m", "articles.images.program", json.dumps(job)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        assert process.wait(30) < 0  # it waited for an image


def test_a_crash_there_is_none_here(monkeypatch):
    program(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(ProcessingFailed, match="it ended with -11"):
        cleaning(b"")
    program(monkeypatch, "print('a line'); raise SystemExit('out of luck')")
    with pytest.raises(ProcessingFailed, match="out of luck"):
        cleaning(b"")


def test_it_knows_no_secret_and_has_no_file_of_ours(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very-secret")
    with open("/dev/null", "rb") as ours:
        os.set_inheritable(ours.fileno(), True)
        program(
            monkeypatch,
            "import json, os, sys\n"
            "said = [sorted(os.environ), sorted(os.listdir('/proc/self/fd'))]\n"
            "sys.stdout.write(json.dumps({'problem': 'lost', 'detail': json.dumps(said)}) + '\\n')",
        )
        with pytest.raises(ImageRejected) as refused:
            cleaning(b"")
    names, files = json.loads(refused.value.detail)
    assert "SECRET_KEY" not in names
    assert "DATABASE_URL" not in names
    assert len(files) == 5  # stdin, stdout, stderr, the lock, and the folder that is being listed


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"no JSON\n",
        b"[]\n",
        b"{}\n",
        b'{"files": [["../../etc/passwd", 1]]}\nx',
        b'{"files": [["image", 1], ["more", 1]]}\nxx',
        b'{"files": [["image", 10]]}\nx',
        b'{"files": [["image", -1]]}\nx',
        b'{"files": [["image", "x"]]}\nx',
        b'{"files": [["image", 99999999999]]}\nx',
        b'{"files": [["image", Infinity]]}\nx',
        b'{"problem": "of another kind"}\n',
        b'{"files": ' + b"[" * 100_000,
    ],
)
def test_a_result_that_was_not_asked_for_is_none(monkeypatch, said):
    program(monkeypatch, f"import sys; sys.stdout.buffer.write({said!r})" if len(said) < 999 else "print('[' * 99999)")
    with pytest.raises(ProcessingFailed, match="its result cannot be read"):
        cleaning(b"")


def test_a_result_is_read_as_it_was_written():
    output = io.BytesIO()
    write_result(output, {"a": b"one\n", "b": b""})
    output.seek(0)
    assert read_result(output, ["a", "b"]) == {"a": b"one\n", "b": b""}


def test_what_is_no_image_is_not_published():
    with pytest.raises(ProcessingFailed, match="no image"):
        read_result_header(b"<html>")


def test_one_original_at_a_time_is_decoded_on_a_host(monkeypatch):
    """Also by another process, and as long as the decoder runs, whatever became of who began it."""
    program(monkeypatch, "import time; time.sleep(60)")
    with tempfile.TemporaryFile() as file:
        with process_lock(DECODE_UPLOAD, waits=True) as mine:
            process = ImageProcess({}, file, [RESULT_NAME], limits=PLENTY, turn=mine)
        with pytest.raises(ProcessBusy), process_lock(DECODE_UPLOAD, waits=False):
            pass
        process.close()
    with process_lock(DECODE_UPLOAD, waits=True):
        other = (
            "from articles.images.protocol import DECODE_UPLOAD; from articles.images.process import process_lock\n"
            "with process_lock(DECODE_UPLOAD, waits=False): pass"
        )
        result = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
        assert "ProcessBusy" in result.stderr
