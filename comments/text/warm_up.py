"""Tables of look-alike characters and of roles, which are built on first use."""

from __future__ import annotations

from comments.text.impersonation import ReservedNames
from comments.text.normalize import NormalizedText


def build_tables() -> None:
    """Build all of them now, in 55 ms of CPU, so that the first comment of a process need not wait."""
    ReservedNames(people=[], sites=[], listed=[]).classify("Ada")
    NormalizedText("Ада")
