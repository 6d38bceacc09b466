"""Progress of an import: a bar on a terminal, else log lines at intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

TERMINAL_INTERVAL_SECONDS, LOG_INTERVAL_SECONDS = 0.2, 30.0  # between two outputs


class Progress(tqdm):
    """Progress in bytes of all files; `imported_count` is set by the importer."""

    monitor_interval = 0  # no thread

    def __init__(self, stream: TextIO, files: Sequence[Path]) -> None:
        self.imported_count = self._previous_files_bytes = 0
        super().__init__(
            total=sum(file.stat().st_size for file in files if file.is_file()) or 1,
            file=stream,
            bar_format="[{bar:30}] {percentage:3.0f}%, {remaining} left{postfix}",
            ascii=".#",
            mininterval=TERMINAL_INTERVAL_SECONDS if stream.isatty() else LOG_INTERVAL_SECONDS,
            miniters=1,
        )

    @staticmethod
    def status_printer(file: TextIO) -> Callable[[str], None]:
        """Return the function that writes the bar."""
        return tqdm.status_printer(file) if file.isatty() else lambda line: print(line, file=file, flush=True)

    def update_bytes_read(self, bytes_read: int) -> None:
        """Set the number of bytes read from the current file."""
        rate = self.imported_count / max(self._time() - self.start_t, 0.001)
        self.set_postfix_str(f"{self.imported_count:,} imported, {rate:,.0f} a second", refresh=False)
        self.update(self._previous_files_bytes + bytes_read - self.n)

    def next_file(self) -> None:
        self._previous_files_bytes = self.n
