"""Output of an import report."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from newsite.importers.report import Report


@contextlib.contextmanager
def open_report(path: Path | None, stdout: Any, *, is_dry: bool) -> Iterator[Report]:
    """Open a report that writes to the file, or to stdout without one; the summary goes to stdout."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("w", encoding="utf-8")) if path else None
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from error
        report = Report(stdout.write if file is None else lambda line: file.write(f"{line}\n"))
        yield report
        for line in report.summary():
            stdout.write(line)
        if is_dry:
            stdout.write("Dry run: nothing was stored.")
