"""Learns weights from texts. The only module that needs the extra `learn`: nothing that serves pages imports it.

A logistic regression over the buckets of `features`, each of a comment's buckets counting 1/√n. Its scores are made
probabilities by Platt's method, over predictions for texts that were left out; the two numbers which that takes are
worked into the weights. Measured against TF-IDF over scikit-learn's own n-grams: see bench/README.md.
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
except ImportError:  # said by whoever wants to learn
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

INSTALL_HINT = "Learning needs the extra “learn”: .venv/bin/pip install scikit-learn"
INVERSE_REGULARIZATION = 10.0  # the inverse of regularisation: of 1, 10 and 100 the best or as good as it
FOLDS = 3
MIN_EXAMPLES_PER_CLASS = 3 * FOLDS  # of either sort
RANDOM_SEED = 1


class TooFewExamples(Exception):
    """Of one sort there is next to nothing."""


def feature_matrix(texts: Iterable[str]) -> Any:
    """A row for each text."""
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
    """`rows` as `matrix` makes them. Raises TooFew."""
    wanted = np.asarray(are_bad, dtype=bool)
    if min(wanted.sum(), len(wanted) - wanted.sum()) < MIN_EXAMPLES_PER_CLASS:
        raise TooFewExamples
    # By coordinates: of scikit-learn's ways the quickest for few examples, and it does not fight over threads.
    model = LogisticRegression(
        C=INVERSE_REGULARIZATION, solver="liblinear", dual=True, max_iter=1_000, random_state=RANDOM_SEED
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=RANDOM_SEED)
    unseen = cross_val_predict(model, rows, wanted, cv=folds, method="decision_function")
    model.fit(rows, wanted)
    platt = LogisticRegression().fit(unseen.reshape(-1, 1), wanted)
    slope = max(float(platt.coef_[0, 0]), 0.0)  # what has not learnt anything says the same of everything
    weights = (model.coef_[0] * slope).astype(np.float32)
    return ModelParameters.of(weights.tolist(), float(model.intercept_[0]) * slope + float(platt.intercept_[0]))
