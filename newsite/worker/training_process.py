"""Learning beside the worker, in a process of its own: it takes many seconds and much memory, and letters go on."""

from __future__ import annotations

from importlib.util import find_spec
import subprocess
import sys

from django.conf import settings

from comments.models import TrainingState
from comments.scoring.schedule import is_due, record_failure

MISSING_EXTRA = "The packages for scoring (the extra “learn”) are not installed where the worker runs."

_running: list[subprocess.Popen[bytes]] = []  # one at most


def train_when_due() -> None:
    """A chore of the worker; returns at once. Without the extra `learn` nothing happens, unless an editor has asked."""
    _running[:] = [process for process in _running if process.poll() is None]
    if _running:
        return
    if find_spec("sklearn") is None:
        if TrainingState.current().requested_at:
            record_failure(MISSING_EXTRA)
    elif is_due():
        _running.append(_begin())


def stop_training() -> None:
    for process in _running:
        process.terminate()
        process.wait()
    _running.clear()


def _begin() -> subprocess.Popen[bytes]:
    """It ends when we do, however we end: it sees our end of the pipe close."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "learn", "--with-parent", "--verbosity=0"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
