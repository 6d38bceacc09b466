"""What the site and the image process tell each other: jobs, results and problems. Neither Django nor Pillow.

A job is a JSON object in the arguments of the process, the image its standard input. The result is written to its
standard output: one line of JSON, then the contents of the files that the line lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
from typing import IO

DECODE_UPLOAD, DRAW_RENDITIONS = "clean", "draw"  # kinds of job
RESULT_NAME = "image"  # the only file in the result of CLEAN
MAX_EDGE_PIXELS = 2560  # pixels of what is kept: a large screen; the newsroom's archive is elsewhere
MAX_RESULT_BYTES = 64 * 1024 * 1024
MAX_DETAIL_LENGTH = 300  # characters, for the log
_MAX_LINE_BYTES = 64 * 1024


class ImageProblem(StrEnum):
    """Why an image is refused. The values are stored in `Picture.problem`."""

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
    """This image is not processed, however often it is tried."""

    def __init__(self, problem: ImageProblem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True)
class ProcessLimits:
    """Limits of one image process. `wall_seconds` after its start it is killed."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


@dataclass(frozen=True)
class RenditionSpec:
    """One file of a `kind` in articles/images/draw_renditions.py, its size in pixels. With a focus (percent) it is a
    crop.
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
    """Return the files by name. Raise Refused if a problem came instead, ValueError unless they are exactly `names`.

    The process that wrote it may be in the hands of the image's maker: nothing of it is trusted.
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
