"""Checks that stand beside each claim: they fail loudly, and print one quiet line when the claim holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch


def to_numpy(value: Any) -> np.ndarray:
    """Return an array for a number, list, array or torch tensor (detached, on the CPU)."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def assert_same(tolerance: float = 1e-12, **named: Any) -> None:
    """Assert that all named arrays are equal, shape for shape and value for value; say so in one line.

    Args:
        tolerance: largest difference allowed, relative to the largest value (absolute where all are small).
        named: two or more arrays, tensors or numbers; the names appear in the line.

    Raises:
        AssertionError: naming the pair, its shapes or the first place where the two differ.
        TypeError: fewer than two arrays.
    """
    if len(named) < 2:
        raise TypeError(
            f"expected two or more named arrays, got {len(named)}: assert_same(mine=a, reference=b)"
        )
    arrays = {name: to_numpy(value) for name, value in named.items()}
    (first, reference), *others = arrays.items()
    for name, array in others:
        if array.shape != reference.shape:
            raise AssertionError(f"{first} has shape {reference.shape}, {name} has shape {array.shape}")
        if not (np.isfinite(array).all() and np.isfinite(reference).all()):
            raise AssertionError(f"{first} or {name} holds NaN or infinity")
        gap = np.abs(array.astype(float) - reference.astype(float))
        scale = max(1.0, float(np.abs(reference).max(initial=0.0)))
        if gap.max(initial=0.0) > tolerance * scale:
            worst = np.unravel_index(int(gap.argmax()), gap.shape)
            place = f"[{', '.join(str(int(k)) for k in worst)}]" if worst else ""
            raise AssertionError(
                f"{first} and {name} differ: {first}{place} = {reference[worst]:.6g}, "
                f"{name}{place} = {array[worst]:.6g}, tolerance {tolerance:g}"
            )
    size = " × ".join(str(n) for n in reference.shape)
    values = f"{size} values" if reference.size != 1 else "1 value"
    print(f"{' = '.join(arrays)}   {values}, differences below {tolerance:g}")


def assert_differ(at_least: float = 1e-3, **named: Any) -> None:
    """Assert that two arrays of one shape differ somewhere by ``at_least``, and say so in one line."""
    (first, a), (second, b) = ((name, to_numpy(value)) for name, value in named.items())
    if a.shape != b.shape:
        raise AssertionError(f"{first} has shape {a.shape}, {second} has shape {b.shape}: nothing to compare")
    if np.abs(a - b).max(initial=0.0) < at_least:
        raise AssertionError(f"{first} and {second} agree to {at_least:g}; they should differ")
    print(f"{first} ≠ {second}   as they should")


def numerical_gradient(f: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Return df/dx by central differences, one entry of ``x`` at a time.

    Args:
        f: a function of an array of x's shape that returns a number. It is called twice an entry.
        x: the point, float64, any shape; restored afterwards.
        step: half the distance between the two calls. The error is of order step².

    Raises:
        TypeError: ``x`` is not float64: the difference of two float32 values has no digits left.
    """
    if x.dtype != np.float64:
        raise TypeError(f"expected float64, got {x.dtype}: differences need its digits; use x.astype(float)")
    gradient = np.empty_like(x)
    for k in np.ndindex(x.shape):
        kept = x[k]
        x[k] = kept + step
        above = f(x)
        x[k] = kept - step
        below = f(x)
        x[k] = kept
        gradient[k] = (above - below) / (2 * step)
    return gradient


def relative_error(a: Any, b: Any) -> float:
    """Return max |a - b| / max(|a| + |b|) over two arrays of one shape; 0 when both are zero."""
    a, b = to_numpy(a), to_numpy(b)
    if a.shape != b.shape:
        raise ValueError(f"expected two arrays of one shape, got {a.shape} and {b.shape}")
    scale = float((np.abs(a) + np.abs(b)).max(initial=0.0))
    return 0.0 if scale == 0 else float(np.abs(a - b).max()) / scale


def copy_weights(layer: torch.nn.Module, **arrays: Any) -> torch.nn.Module:
    """Copy arrays into a torch layer's parameters, in place, and return the layer.

    Args:
        layer: any module; its parameters keep their own dtype.
        arrays: parameter name = array of exactly the parameter's shape. Dots in a name become double
            underscores: ``linear__weight`` for ``linear.weight``.

    Raises:
        KeyError: no parameter of that name; the message lists those there are.
        ValueError: another shape.
    """
    import torch

    parameters = dict(layer.named_parameters())
    for name, value in arrays.items():
        name = name.replace("__", ".")
        if name not in parameters:
            raise KeyError(f"no parameter {name!r} in {type(layer).__name__}; it has {', '.join(parameters)}")
        value = to_numpy(value)
        target = parameters[name]
        if value.shape != tuple(target.shape):
            raise ValueError(f"{name} expects shape {tuple(target.shape)}, got {value.shape}")
        with torch.no_grad():
            target.copy_(torch.as_tensor(np.ascontiguousarray(value)))
    return layer


def verdict(claim: str, holds: bool) -> None:
    """Assert a criterion and print it: ``claim: holds``. A criterion that fails stops the notebook."""
    if not holds:
        raise AssertionError(f"{claim}: does not hold")
    print(f"{claim}: holds")
