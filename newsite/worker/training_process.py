"""Training in a process of its own, because it takes many seconds and much memory and must not delay notifications."""

from __future__ import annotations

from importlib.util import find_spec
import subprocess
import sys

from django.conf import settings

from comments.models import TrainingState
from comments.scoring.schedule import is_due, record_failure

MISSING_EXTRA = "The packages for scoring (the extra “learn”) are not installed where the worker runs."

_running: list[subprocess.Popen[bytes]] = []  # at most one


def train_when_due() -> None:
    """Start a training if one is due, and return immediately; run by the worker.

    Without the extra `learn` nothing happens, unless an editor requested a training.
    """
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
    """Start a process that ends when this one ends in any way, because its pipe is closed then."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "train_scoring", "--with-parent", "--verbosity=0"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
