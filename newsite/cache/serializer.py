"""Format of values in Redis: bytes or JSON. Reading a value never executes code, not even that of an attacker."""

from __future__ import annotations

import json
from typing import Any
import zlib

CHECKSUM_BYTES = 4


class Serializer:
    """Serializer of bytes, and of what JSON can represent, for Django's Redis cache.

    Tuples become lists and strings lose a mark as safe HTML. Values that are truncated, or that another program wrote,
    are read as None. The checksum detects accidents; it does not protect against an attacker.
    """

    def dumps(self, value: Any) -> bytes:
        content = b"b" + value if isinstance(value, bytes) else b"j" + _to_json(value)
        return _checksum(content) + content

    def loads(self, data: bytes) -> Any:
        checksum, content = data[:CHECKSUM_BYTES], data[CHECKSUM_BYTES:]
        if checksum != _checksum(content):
            return None
        kind, content = content[:1], content[1:]
        if kind == b"b":
            return content
        try:
            return json.loads(content) if kind == b"j" else None
        except (ValueError, RecursionError):
            return None


def _to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")  # as json.loads() decodes it


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "big")
