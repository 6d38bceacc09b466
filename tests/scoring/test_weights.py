from math import inf

import pytest

from comments.classifier.features import BUCKET_COUNT
from comments.classifier.weights import InvalidModel, ModelParameters, compute_checksum


def parameters(bias=0.0, **weights):
    values = [0.0] * BUCKET_COUNT
    for bucket, weight in weights.items():
        values[int(bucket.removeprefix("b"))] = weight
    return ModelParameters.of(values, bias)


def test_a_score_is_a_probability_made_of_the_weights_and_the_bias():
    assert parameters().score({1, 2}) == 0.5
    assert parameters(bias=2.0).score(set()) == pytest.approx(0.8808, abs=1e-4)
    assert parameters(b7=4.0).score({7}) == pytest.approx(0.9820, abs=1e-4)
    assert parameters(b7=4.0).score({1, 2, 3, 7}) == pytest.approx(0.8808, abs=1e-4)


def test_however_sure_it_stays_a_number():
    assert parameters(bias=1e6).score({1}) == 1
    assert 0 <= parameters(bias=-1e6).score({1}) < 1e-9


def test_what_was_stored_comes_back():
    kept = parameters(bias=-1.5, b0=0.25, b9=-3.0)
    data = kept.to_bytes()
    assert len(data) == (BUCKET_COUNT + 1) * 4
    assert data[:4] == b"\x00\x00\x80>"  # the lowest byte first
    assert ModelParameters.from_bytes(data, checksum=compute_checksum(data)) == kept


def test_bytes_that_are_not_what_was_stored_are_not_used():
    good, bad = parameters().to_bytes(), parameters(b1=inf).to_bytes()
    for data, checksum in (
        (good[:-4] + b"1234", compute_checksum(good)),
        (good[:-4], compute_checksum(good[:-4])),
        (good + good[:4], compute_checksum(good + good[:4])),
        (b"", compute_checksum(b"")),
        (bad, compute_checksum(bad)),
    ):
        with pytest.raises(InvalidModel):
            ModelParameters.from_bytes(data, checksum=checksum)
