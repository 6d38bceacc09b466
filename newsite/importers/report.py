"""Import report: counts, and a line for each item that was skipped or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from comments.imports.importer import DUPLICATE_ID
from comments.imports.records import ImportedCommentData


class Report:
    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self.counts: Counter[tuple[str, str]] = Counter()
        self.faults: list[str] = []

    def count(self, kind: str, fate: str, number: int = 1) -> None:
        """Add to a count; `kind` is a plural, such as "articles"."""
        if number:
            self.counts[kind, fate] += number

    def skipped(self, kind: str, what: str, reason: str) -> None:
        self.count(kind, "skipped")
        self._write(f"skipped: {what}: {reason}")

    def noted(self, what: str, remark: str) -> None:
        """Report an item that was imported incompletely or with changes."""
        self._write(f"note: {what}: {remark}")

    def add_comment_remark(self, incoming: ImportedCommentData, remark: str) -> None:
        """Report a remark of `CommentImporter`."""
        if remark == DUPLICATE_ID:
            self.skipped("comments", f"comment {incoming.key}", remark)
        else:
            self.noted(f"comment {incoming.key}", remark)

    def broken(self, fault: str) -> None:
        """Report a file that cannot be read further."""
        self.faults.append(fault)
        self._write(f"broken: {fault} Everything before that is kept.")

    def summary(self) -> list[str]:
        kinds: dict[str, list[str]] = {}
        for (kind, fate), number in self.counts.items():
            kinds.setdefault(kind, []).append(f"{number:,} {fate}")
        return [f"{kind}: {', '.join(outcomes)}" for kind, outcomes in kinds.items()]
