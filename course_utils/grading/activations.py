"""Functions that the exercises' references, and their catalogues of mistakes, have in common."""

from __future__ import annotations

import numpy as np


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Return the logistic function; a very negative ``a`` gives 0 without a warning."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-a))


def relu(a: np.ndarray) -> np.ndarray:
    """Return ``a`` where it is positive and 0 elsewhere."""
    return np.maximum(a, 0)


def softmax(z: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return probabilities from logits, along one axis, whatever the size of the logits."""
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def unguarded_softmax(z: np.ndarray) -> np.ndarray:
    """Return the softmax as a beginner writes it: large logits overflow, and leave NaN behind."""
    with np.errstate(all="ignore"):
        return np.exp(z) / np.exp(z).sum(-1, keepdims=True)
