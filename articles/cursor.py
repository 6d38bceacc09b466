"""Cursors of keyset pagination. The link holds the sort key, so the row itself may have been deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import re
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_KEY, _MAX_PK = 2**57, 2**62  # the database and `datetime` can represent them
_CURSOR = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,20})?(?:e-[0-9]{1,3})?)-([0-9]{1,20})")


@dataclass(frozen=True)
class PageCursor:
    """Position in a sorted list: the sort key and the id of a row. A link has times in microseconds since 1970."""

    key: Any  # a datetime, int or float, as of the column
    pk: int

    @classmethod
    def parse(cls, raw: str, kind: type[datetime] | type[float] = datetime) -> PageCursor:
        """Parse a cursor whose key is a datetime, an int or a float. Raise ValueError if it is malformed."""
        match = _CURSOR.fullmatch(raw)
        if match is None:
            raise ValueError(raw)
        pk = min(int(match[2]), _MAX_PK)
        if kind is float:
            return cls(float(match[1]), pk)
        number = min(int(match[1]), _MAX_KEY)
        return cls(_EPOCH + number * _MICROSECOND if kind is datetime else number, pk)

    def __str__(self) -> str:
        key = (self.key - _EPOCH) // _MICROSECOND if isinstance(self.key, datetime) else self.key
        return f"{key!r}-{self.pk}"
