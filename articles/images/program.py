"""Program of the image process: limit its resources, run one job on the image at standard input, exit.

Decoders read untrusted files. This process has limited memory and time, and no settings, database or secrets. A crash
affects no other process.
"""

from __future__ import annotations

from collections.abc import Mapping
import json
import os
import resource
import signal
import sys
from typing import Any

from articles.images.decode_upload import decode_upload
from articles.images.draw_renditions import draw_renditions
from articles.images.protocol import (
    DECODE_UPLOAD,
    MAX_RESULT_BYTES,
    RESULT_NAME,
    ImageProblem,
    ImageRejected,
    ProcessLimits,
    RenditionSpec,
    write_problem,
    write_result,
)

NICENESS = 10  # lower priority than the site


def main() -> None:
    job = json.loads(sys.argv[1])
    limit_resources(ProcessLimits(**job["limits"]))
    output = sys.stdout.buffer
    try:
        write_result(output, run_job(job))
    except MemoryError:
        write_problem(output, ImageProblem.TOO_COSTLY, "memory")
    except ImageRejected as refused:
        write_problem(output, refused.problem, refused.detail)


def run_job(job: Mapping[str, Any]) -> dict[str, bytes]:
    image = sys.stdin.buffer
    if job["kind"] == DECODE_UPLOAD:
        return {RESULT_NAME: decode_upload(image, job["format"], max_pixels=job["max_pixels"])}
    return draw_renditions(image, [RenditionSpec(**each) for each in job["drawings"]])


def limit_resources(limits: ProcessLimits) -> None:
    """Limit memory and time of this process and all its threads. The kernel enforces the limits."""
    os.nice(NICENESS)
    for kind, soft, hard in (
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_DATA, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),  # SIGXCPU, then SIGKILL
        (resource.RLIMIT_FSIZE, MAX_RESULT_BYTES, MAX_RESULT_BYTES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        given = resource.getrlimit(kind)[1]  # the operator may have set a lower limit, which cannot be raised
        most = hard if given == resource.RLIM_INFINITY else min(hard, given)
        resource.setrlimit(kind, (min(soft, most), most))
    signal.alarm(limits.wall_seconds)  # even if the parent has ended


if __name__ == "__main__":
    main()
