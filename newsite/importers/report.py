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
        self.errors: list[str] = []

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        """Add to a count; `kind` is a plural, such as "articles"."""
        if number:
            self.counts[kind, outcome] += number

    def add_skipped(self, kind: str, item: str, reason: str) -> None:
        self.count(kind, "skipped")
        self._write(f"skipped: {item}: {reason}")

    def add_note(self, item: str, remark: str) -> None:
        """Report an item that was imported incompletely or with changes."""
        self._write(f"note: {item}: {remark}")

    def add_comment_remark(self, incoming: ImportedCommentData, remark: str) -> None:
        """Report a remark of `CommentImporter`."""
        if remark == DUPLICATE_ID:
            self.add_skipped("comments", f"comment {incoming.key}", remark)
        else:
            self.add_note(f"comment {incoming.key}", remark)

    def add_error(self, error: str) -> None:
        """Report a file that cannot be read further."""
        self.errors.append(error)
        self._write(f"broken: {error} Everything before that is kept.")

    def summary(self) -> list[str]:
        kinds: dict[str, list[str]] = {}
        for (kind, outcome), number in self.counts.items():
            kinds.setdefault(kind, []).append(f"{number:,} {outcome}")
        return [f"{kind}: {', '.join(outcomes)}" for kind, outcomes in kinds.items()]
