"""Training of weights. Only this module needs the extra `learn`, and no web process imports it.

A logistic regression over the buckets of `features`, with the value 1/√n for each of a text's n buckets. Platt scaling
over cross-validated predictions makes its scores probabilities; the two Platt parameters are merged into the weights.
docs/benchmarks.md compares it with TF-IDF over scikit-learn's n-grams.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from comments.classifier.features import BUCKET_COUNT, text_buckets
from comments.classifier.weights import ModelParameters

try:
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
except ImportError:  # the caller shows INSTALL_HINT
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

INSTALL_HINT = "Learning needs the extra “learn”: .venv/bin/pip install scikit-learn"
INVERSE_REGULARIZATION = 10.0  # best or equal to the best of 1, 10 and 100
FOLDS = 3
MIN_EXAMPLES_PER_CLASS = 3 * FOLDS  # of each class
RANDOM_SEED = 1


class TooFewExamples(Exception):
    """One class has fewer than MIN_EXAMPLES_PER_CLASS examples."""


def feature_matrix(texts: Iterable[str]) -> Any:
    """Return a sparse matrix with a row for each text."""
    indices: list[np.ndarray] = []
    lengths = [0]
    for text in texts:
        buckets = text_buckets(text)
        indices.append(np.fromiter(buckets, np.int32, len(buckets)))
        lengths.append(len(buckets))
    counts = np.array(lengths[1:], dtype=np.int32)
    values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    columns = np.concatenate(indices) if indices else np.empty(0, np.int32)
    return csr_matrix((values, columns, np.cumsum(lengths)), shape=(len(counts), BUCKET_COUNT))


def train_model(rows: Any, are_bad: Sequence[bool]) -> ModelParameters:
    """Train a model on `rows` of `feature_matrix`. Raise TooFewExamples."""
    wanted = np.asarray(are_bad, dtype=bool)
    if min(wanted.sum(), len(wanted) - wanted.sum()) < MIN_EXAMPLES_PER_CLASS:
        raise TooFewExamples
    # liblinear is scikit-learn's fastest solver for few examples, and uses a single thread.
    model = LogisticRegression(
        C=INVERSE_REGULARIZATION, solver="liblinear", dual=True, max_iter=1_000, random_state=RANDOM_SEED
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=RANDOM_SEED)
    unseen = cross_val_predict(model, rows, wanted, cv=folds, method="decision_function")
    model.fit(rows, wanted)
    platt = LogisticRegression().fit(unseen.reshape(-1, 1), wanted)
    slope = max(float(platt.coef_[0, 0]), 0.0)  # a model without predictive value gives every text the same score
    weights = (model.coef_[0] * slope).astype(np.float32)
    return ModelParameters.of(weights.tolist(), float(model.intercept_[0]) * slope + float(platt.intercept_[0]))
