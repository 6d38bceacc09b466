"""Protocol between the site and the image process: jobs, results and problems. Imports neither Django nor Pillow.

A job is a JSON object in the arguments of the process. The image is its standard input. The result is written to
standard output: one line of JSON, then the contents of the files that the line lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
from typing import IO

DECODE_UPLOAD, DRAW_RENDITIONS = "clean", "draw"  # kinds of job
RESULT_NAME = "image"  # the only file in the result of DECODE_UPLOAD
MAX_EDGE_PIXELS = 2560  # a large screen; the site is not the archive of originals
MAX_RESULT_BYTES = 64 * 1024 * 1024
MAX_DETAIL_LENGTH = 300  # characters, for the log
_MAX_LINE_BYTES = 64 * 1024


class ImageProblem(StrEnum):
    """Reason why an image is rejected. The values are stored in `Image.problem`."""

    UNREADABLE = "unreadable"
    ANIMATED = "animated"
    TOO_MANY_BYTES = "bytes"
    TOO_MANY_PIXELS = "pixels"
    TOO_LONG = "edge"
    TOO_MANY_SCANS = "scans"
    TOO_MANY_PARTS = "parts"
    TOO_MUCH_METADATA = "metadata"
    TOO_COSTLY = "costly"
    LOST = "lost"


class ImageRejected(Exception):
    """Image cannot be processed. A retry does not help."""

    def __init__(self, problem: ImageProblem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True)
class ProcessLimits:
    """Limits of one image process. It is killed `wall_seconds` after its start."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


@dataclass(frozen=True)
class RenditionSpec:
    """Specification of one rendition file.

    `kind` is a key of ENCODERS in articles/images/draw_renditions.py. The size is in pixels. A rendition with a focus
    (percent) is a crop.
    """

    name: str
    kind: str
    width: int
    height: int
    focus: tuple[int, int] | None = None


def write_result(output: IO[bytes], files: Mapping[str, bytes]) -> None:
    sizes = [[name, len(content)] for name, content in files.items()]
    output.write(json.dumps({"files": sizes}).encode() + b"\n")
    for content in files.values():
        output.write(content)


def write_problem(output: IO[bytes], problem: ImageProblem, detail: str) -> None:
    output.write(json.dumps({"problem": problem, "detail": detail[:MAX_DETAIL_LENGTH]}).encode() + b"\n")


def read_result(output: IO[bytes], names: Iterable[str]) -> dict[str, bytes]:
    """Return the files by name.

    Raise ImageRejected if the process reported a problem, ValueError if the files are not exactly `names`. The output
    is untrusted, because a hostile image may have taken control of the process.
    """
    line = json.loads(output.readline(_MAX_LINE_BYTES))
    if problem := line.get("problem"):
        raise ImageRejected(ImageProblem(problem), str(line.get("detail", ""))[:MAX_DETAIL_LENGTH])
    sizes = [(str(name), int(size)) for name, size in line["files"]]
    if [name for name, _size in sizes] != list(names):
        raise ValueError("other files than were asked for")
    if not all(0 <= size <= MAX_RESULT_BYTES for _name, size in sizes):
        raise ValueError("a file of impossible size")
    files = {name: output.read(size) for name, size in sizes}
    if any(len(files[name]) != size for name, size in sizes):
        raise ValueError("a file is cut off")
    return files
