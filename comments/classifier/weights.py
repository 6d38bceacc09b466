"""Parameters of a scoring model: one weight for each bucket, and a bias, read from bytes with a checksum."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass
import hashlib
from math import exp, isfinite, sqrt
import sys

from comments.classifier.features import BUCKET_COUNT


class InvalidModel(Exception):
    """The bytes are not those that were stored."""


@dataclass(frozen=True)
class ModelParameters:
    weights: array[float]  # 32-bit floats, one for each bucket
    bias: float

    def score(self, buckets: Collection[int]) -> float:
        """Return a probability. Each bucket counts once, and the length of the comment is normalized."""
        total = sum(map(self.weights.__getitem__, buckets)) / sqrt(len(buckets) or 1) + self.bias
        return 1 / (1 + exp(-max(-500.0, min(500.0, total))))

    def to_bytes(self) -> bytes:
        return _to_little_endian(array("f", [*self.weights, self.bias])).tobytes()

    @classmethod
    def of(cls, weights: Iterable[float], bias: float) -> ModelParameters:
        return cls(array("f", weights), array("f", [bias])[0])  # rounded to the precision of storage

    @classmethod
    def from_bytes(cls, data: bytes, *, checksum: str) -> ModelParameters:
        """Parse the bytes. Raise InvalidModel."""
        if compute_checksum(data) != checksum:
            raise InvalidModel("wrong checksum")
        numbers = array("f")
        if len(data) != (BUCKET_COUNT + 1) * numbers.itemsize:
            raise InvalidModel(f"wrong length ({len(data)} bytes)")
        numbers.frombytes(data)
        bias = _to_little_endian(numbers).pop()
        if not isfinite(sum(numbers) + bias):
            raise InvalidModel("a weight is not a number")
        return cls(numbers, bias)


def compute_checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _to_little_endian(numbers: array[float]) -> array[float]:
    """Convert to or from little-endian, the byte order of storage."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
