"""What was learnt, as numbers: one weight for each bucket, and a bias. Read from bytes that are checked first."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass
import hashlib
from math import exp, isfinite, sqrt
import sys

from comments.classifier.features import BUCKET_COUNT


class InvalidModel(Exception):
    """These bytes are not what was stored."""


@dataclass(frozen=True)
class ModelParameters:
    weights: array[float]  # 32 bits each, as many as there are buckets
    bias: float

    def score(self, buckets: Collection[int]) -> float:
        """A probability. Each bucket counts once, and a long comment no more than a short one."""
        total = sum(map(self.weights.__getitem__, buckets)) / sqrt(len(buckets) or 1) + self.bias
        return 1 / (1 + exp(-max(-500.0, min(500.0, total))))

    def to_bytes(self) -> bytes:
        return _to_little_endian(array("f", [*self.weights, self.bias])).tobytes()

    @classmethod
    def of(cls, weights: Iterable[float], bias: float) -> ModelParameters:
        return cls(array("f", weights), array("f", [bias])[0])  # as precise as it is stored

    @classmethod
    def from_bytes(cls, data: bytes, *, checksum: str) -> ModelParameters:
        """Raises Unusable."""
        if compute_checksum(data) != checksum:
            raise InvalidModel("the checksum is another")
        numbers = array("f")
        if len(data) != (BUCKET_COUNT + 1) * numbers.itemsize:
            raise InvalidModel(f"{len(data)} bytes")
        numbers.frombytes(data)
        bias = _to_little_endian(numbers).pop()
        if not isfinite(sum(numbers) + bias):
            raise InvalidModel("a weight is not a number")
        return cls(numbers, bias)


def compute_checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _to_little_endian(numbers: array[float]) -> array[float]:
    """They are stored with the lowest byte first, whatever the machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
