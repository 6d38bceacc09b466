"""Image process, as the site controls it: start it, poll it, kill it after its timeout.

Each host decodes one original at a time, and draws the renditions of one image at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
import contextlib
from dataclasses import asdict
import fcntl
import io
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time
from typing import IO, Any

from articles.images.headers import BadHeader, Header, TooManyParts, read_header
from articles.images.protocol import (
    DECODE_UPLOAD,
    DRAW_RENDITIONS,
    ImageProblem,
    ImageRejected,
    ProcessLimits,
    read_result,
)

_FOLDER = Path(__file__).resolve().parent
_LOCKS = {
    DECODE_UPLOAD: _FOLDER / "decode_upload.py",
    DRAW_RENDITIONS: _FOLDER / "draw_renditions.py",
}  # locks on existing files need no writable folder
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}  # no secrets
_POLL_SECONDS = 0.02
_MAX_PARTS, _MAX_SCANS = 10_000, 20


class ProcessingFailed(Exception):
    """Image process ended without a result. A retry may succeed."""


class ProcessBusy(Exception):
    """Another process runs a job of this kind on this host."""


@contextlib.contextmanager
def process_lock(kind: str, *, waits: bool) -> Iterator[int]:
    """Lock jobs of this kind on this host. Yield the file descriptor that holds the lock.

    Raise ProcessBusy if another process holds the lock, unless `waits` is true. Each kind has its own lock, so that an
    import, which decodes many originals, does not wait for the renditions of each.
    """
    descriptor = os.open(_LOCKS[kind], os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise ProcessBusy from error
        yield descriptor
    finally:
        os.close(descriptor)


class ImageProcess:
    """Process that runs one job on the image in the file `content`. `names` are the files of the expected result."""

    _command = (sys.executable, "-E", "-m", "articles.images.program")

    def __init__(
        self, job: Mapping[str, Any], content: IO[bytes], names: Iterable[str], *, limits: ProcessLimits, turn: int
    ) -> None:
        self._names, self._limits = list(names), limits
        with contextlib.ExitStack() as opened:
            self._output = opened.enter_context(tempfile.TemporaryFile())
            self._errors = opened.enter_context(tempfile.TemporaryFile())
            self._process = self._begin(job, content, turn)
            self._opened = opened.pop_all()
        self._kill_at = time.monotonic() + limits.wall_seconds

    def _begin(self, job: Mapping[str, Any], content: IO[bytes], turn: int) -> subprocess.Popen[bytes]:
        content.flush()
        os.lseek(content.fileno(), 0, os.SEEK_SET)  # seek() may only move within a buffer
        return subprocess.Popen(
            [*self._command, json.dumps({**job, "limits": asdict(self._limits)})],
            stdin=content,
            stdout=self._output,
            stderr=self._errors,
            cwd=_FOLDER.parent.parent,
            env=_ENVIRONMENT,
            pass_fds=[turn],  # the process holds the lock until it ends, even if its parent ends earlier
        )

    def has_exited(self) -> bool:
        """Return whether the process has ended. Kill it after its timeout."""
        if self._process.poll() is None and time.monotonic() > self._kill_at:
            self.kill()
        return self._process.poll() is not None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Kill the process and discard its result."""
        self.kill()
        self._opened.close()

    def result(self) -> dict[str, bytes]:
        """Wait for the end of the process. Return the files by name. Raise ImageRejected or ProcessingFailed."""
        while not self.has_exited():
            time.sleep(_POLL_SECONDS)
        with self._opened:
            self._raise_for_end(self._process.returncode)
            self._output.seek(0)
            try:
                return read_result(self._output, self._names)
            except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
                raise ProcessingFailed(f"its result cannot be read: {error}") from error

    def _raise_for_end(self, code: int) -> None:
        if code == -signal.SIGXCPU:
            raise ImageRejected(ImageProblem.TOO_COSTLY, f"more than {self._limits.cpu_seconds} seconds of CPU")
        if code in {-signal.SIGKILL, -signal.SIGALRM}:
            raise ProcessingFailed(f"it was killed, or took longer than {self._limits.wall_seconds} seconds")
        if code:
            self._errors.seek(0)
            said = self._errors.read(64 * 1024).decode(errors="replace").strip()
            raise ProcessingFailed(said.rpartition("\n")[2] or f"it ended with {code}")


def read_result_header(content: bytes) -> Header:
    """Return the header of a file from an image process. Raise ProcessingFailed if it is not an image."""
    try:
        return read_header(io.BytesIO(content), max_parts=_MAX_PARTS, max_scans=_MAX_SCANS)
    except (BadHeader, TooManyParts) as error:
        raise ProcessingFailed(f"its result is no image: {error}") from error
