"""Progress of an import: a bar on a terminal, else log lines at intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
import time
from typing import Protocol

BAR_WIDTH = 30
TERMINAL_INTERVAL_SECONDS, LOG_INTERVAL_SECONDS = 0.2, 30.0  # between two outputs


class Stream(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


class Progress:
    """Progress in bytes of all files; `done` counts imported items."""

    def __init__(self, stream: Stream, files: Sequence[Path]) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._total = sum(file.stat().st_size for file in files if file.is_file()) or 1
        self._before, self._read = 0, 0
        self._began = self._told = time.monotonic()
        self.done = 0

    def read(self, number: int) -> None:
        """Set the number of bytes read from the current file."""
        self._read = number
        now = time.monotonic()
        if now - self._told >= (TERMINAL_INTERVAL_SECONDS if self._is_terminal else LOG_INTERVAL_SECONDS):
            self._told = now
            self._say(now)

    def next_file(self) -> None:
        self._before, self._read = self._before + self._read, 0

    def end(self) -> None:
        self._say(time.monotonic())
        if self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _say(self, now: float) -> None:
        share = min((self._before + self._read) / self._total, 1.0)
        filled = int(share * BAR_WIDTH)
        rate = self.done / max(now - self._began, 0.001)
        line = (
            f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {share:4.0%}  {self.done:,} imported, {rate:,.0f} a second"
        )
        self._stream.write(f"\r{line} " if self._is_terminal else f"{line}\n")
        self._stream.flush()
