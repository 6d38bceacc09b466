"""A picture in other sizes, drawn by a process of its own: it takes some hundred megabytes, which the worker would
never give back, and it reads what others have made. Both end with it, and if it crashes, nothing else does.

In that process this is a program: the picture on its standard input, the drawings as a ZIP on its standard output.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
import io
from itertools import groupby
import json
from pathlib import Path
import subprocess
import sys
from typing import Any
import zipfile

from PIL import Image, ImageOps

FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 60, "speed": 6, "max_threads": 1}),  # the other core is the site's
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 82, "progressive": True}),
}
LONGEST = 300  # seconds; the largest pictures take eight
_CODE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Drawing:
    """One file of a `kind` in FORMATS, its size in pixels. With a focus (percent) it is cut to shape around that."""

    name: str
    kind: str
    width: int
    height: int
    focus: tuple[int, int] | None = None


class NotDrawn(Exception):
    """Says why, in a line."""


def draw(picture: bytes, drawings: Iterable[Drawing]) -> dict[str, bytes]:
    """Their content by name. Those of one size belong side by side: it is drawn once for all of them."""
    asked = json.dumps([asdict(each) for each in drawings])
    command = [sys.executable, "-m", "articles.drawing", asked]
    try:
        done = subprocess.run(command, check=False, input=picture, capture_output=True, cwd=_CODE, timeout=LONGEST)
    except subprocess.TimeoutExpired as error:
        raise NotDrawn(f"it took longer than {LONGEST} seconds") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise NotDrawn(said.rpartition("\n")[2] or f"it ended with {done.returncode}")
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _main() -> None:
    drawings = [Drawing(**each) for each in json.loads(sys.argv[1])]
    with (
        Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=["JPEG", "PNG", "WEBP"]) as image,
        zipfile.ZipFile(sys.stdout.buffer, "w") as archive,
    ):
        for (width, height, focus), those in groupby(drawings, lambda each: (each.width, each.height, each.focus)):
            drawn = _cut(image, (width, height), focus) if focus else _whole(image, (width, height))
            for each in those:
                kind, options = FORMATS[each.kind]
                with archive.open(each.name, "w") as file:
                    drawn.save(file, kind, **options)


def _whole(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.info = {}
    return small


def _cut(image: Image.Image, size: tuple[int, int], focus: tuple[int, int]) -> Image.Image:
    across, down = focus
    return ImageOps.fit(_on_white(image), size, Image.Resampling.LANCZOS, centering=(across / 100, down / 100))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


if __name__ == "__main__":
    _main()
