"""Sum of the counters of all gunicorn workers.

Each worker writes its counters into its own file every few seconds. The worker that serves /metrics adds them up.
Counters of dead workers are kept, so that no counter decreases. The folder is for one gunicorn on one host, and is
named after the parent process.
"""

from __future__ import annotations

import atexit
from collections import Counter
from collections.abc import Iterator
import contextlib
import fcntl
import json
import logging
import os
from pathlib import Path
import re
import shutil
import tempfile
import threading
import time

from newsite.observability.counters import Key, current_counts, reset_after_fork

WRITE_INTERVAL_SECONDS = 5.0
DEAD_WORKERS_FILE = "gone"  # sum of all dead workers
_FILE = re.compile(r"\d+\.\d+")  # process id and start time

logger = logging.getLogger(__name__)


class SharedCounters:
    """Counters that this process writes, and their file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / f"{os.getpid()}.{time.time_ns()}"
        self.written: Counter[Key] = Counter()

    def write(self) -> None:
        """Write the counters if they changed. After a failure they stay in memory for the next attempt."""
        now = current_counts()
        if now != self.written:
            with contextlib.suppress(OSError):
                _write(self.file, now)
                self.written = now

    def total(self) -> Counter[Key]:
        """Return the sum of all processes; the values of the others are some seconds old."""
        total = current_counts()
        with self._alone():
            self._merge_dead_workers()
            for path in [self.folder / DEAD_WORKERS_FILE, *self._of_others()]:
                total += _read(path)
        return total

    def _merge_dead_workers(self) -> None:
        for path in self._of_others():
            if not _is_alive(int(path.name.partition(".")[0])):
                _write(self.folder / DEAD_WORKERS_FILE, _read(self.folder / DEAD_WORKERS_FILE) + _read(path))
                path.unlink(missing_ok=True)

    def _of_others(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path != self.file and _FILE.fullmatch(path.name)]

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


_shared: list[SharedCounters | None] = []  # at most one element, present after the first count
_beginning = threading.Lock()


def start_sharing() -> SharedCounters | None:
    """Start sharing in this process.

    Return None if there is no usable folder; then each worker reports its own counters only.
    """
    if not _shared:
        with _beginning:
            if not _shared:
                _shared.append(_begin())
    return _shared[0]


def _begin() -> SharedCounters | None:
    folder = _folder()
    if folder is None:
        return None
    shared = SharedCounters(folder)
    threading.Thread(target=_write_loop, args=[shared], daemon=True, name="metrics").start()
    return shared


def total_counts() -> Counter[Key]:
    shared = start_sharing()
    try:
        return shared.total() if shared else current_counts()
    except OSError:
        return current_counts()


def _write_loop(shared: SharedCounters) -> None:
    time.sleep(WRITE_INTERVAL_SECONDS)
    while shared in _shared:
        shared.write()
        time.sleep(WRITE_INTERVAL_SECONDS)


def _folder() -> Path | None:
    """Return a private temporary folder, or None if another user owns a folder of this name."""
    ours = f"newsite-metrics-{os.getuid()}-"
    folder = Path(tempfile.gettempdir()) / f"{ours}{os.getppid()}"
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError as error:
        logger.warning("Metrics of the worker processes are not combined: %s", error)
        return None
    if found.st_uid != os.getuid() or found.st_mode & 0o170777 != 0o040700:
        logger.warning("Metrics of the worker processes are not combined: other users can access %s.", folder)
        return None
    for other in folder.parent.glob(f"{ours}*"):
        pid = other.name.removeprefix(ours)
        if pid.isdecimal() and not _is_alive(int(pid)):
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write(path: Path, counted: Counter[Key]) -> None:
    unfinished = path.with_name(f"{path.name}-unfinished")
    unfinished.write_text(json.dumps([[name, labels, number] for (name, labels), number in counted.items()]))
    unfinished.rename(path)


def _read(path: Path) -> Counter[Key]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):  # deleted in the meantime
        return Counter()
    return Counter({(name, tuple(labels)): number for name, labels, number in found})


@atexit.register
def _write_at_exit() -> None:
    for shared in filter(None, _shared):
        shared.write()


def _after_fork() -> None:
    global _beginning  # noqa: PLW0603 (the parent may have held it)
    _beginning = threading.Lock()
    _shared.clear()
    reset_after_fork()


os.register_at_fork(after_in_child=_after_fork)
