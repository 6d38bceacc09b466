"""Shared parts of the header parsers: bounded reading, and the header they return."""

from __future__ import annotations

from dataclasses import dataclass
import os
from typing import IO


class BadHeader(Exception):
    """File is not of this format or is damaged."""


class TooManyParts(Exception):
    """File has too many segments, chunks, blocks or boxes."""


@dataclass(frozen=True)
class Header:
    """Header of an image file.

    `format` is Pillow's name. `frames` is 2 for any number above 1. `metadata` is the stored size in bytes.
    """

    format: str
    width: int
    height: int
    frames: int = 1
    scans: int = 1
    parts: int = 0
    metadata: int = 0


class Source:
    """File that is read forwards in chunks."""

    def __init__(self, file: IO[bytes], *, max_parts: int) -> None:
        self._file, self._max_parts = file, max_parts
        self.parts = self.position = 0
        file.seek(0, os.SEEK_END)
        self.size = file.tell()

    def count_part(self) -> None:
        """Count one part. Raise TooManyParts above the limit."""
        self.parts += 1
        if self.parts > self._max_parts:
            raise TooManyParts

    def peek(self, number: int) -> bytes:
        self._file.seek(self.position)
        return self._file.read(number)

    def read_some(self, number: int) -> bytes:
        """Read bytes. Return fewer at the end of the file."""
        some = self.peek(number)
        self.position += len(some)
        return some

    def read(self, number: int) -> bytes:
        """Return exactly this number of bytes. Raise BadHeader at the end of the file."""
        some = self.read_some(number)
        if len(some) < number:
            raise BadHeader("cut off")
        return some

    def skip(self, number: int) -> None:
        """Skip bytes. Raise BadHeader beyond the end of the file."""
        self.position += number
        if self.position > self.size:
            raise BadHeader("cut off")

    def is_at_end(self) -> bool:
        return self.position >= self.size
