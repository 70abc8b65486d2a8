"""What passes between grader and worker: JSON and raw numeric bytes, every size checked. Never pickle.

A message is 8 bytes with the length of its text, the text (JSON), and behind it the bytes of each array in
turn. In the JSON an array stands as ``{"array": [dtype, shape]}`` and a dict as ``{"dict": {…}}``, so neither
can be taken for the other. Whatever the worker sends is read as numbers and text; nothing it sends is run.
This file is copied into the sandbox: it imports no other file of the project.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

MOST_TEXT = 1 << 20  # bytes of JSON in a message
MOST_BYTES = 64 << 20  # bytes of all arrays in a message
MOST_ARRAYS = 1_000
DTYPES = {f"<{kind}" for kind in ("f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8", "c8", "c16")}
DTYPES |= {"|b1", "|i1", "|u1"}


class Garbled(Exception):
    """The other side sent something that is no message."""


def pack(value: Any) -> bytes:
    """Return the message for a plain value (see ``answers.plain``).

    Raises:
        Garbled: the value is not plain, or too large to send.
    """
    arrays: list[np.ndarray] = []
    try:
        text = json.dumps(_to_json(value, arrays), allow_nan=True).encode()
    except (TypeError, ValueError, RecursionError) as problem:
        raise Garbled(f"cannot be sent: {problem}") from None
    size = sum(array.nbytes for array in arrays)
    if len(text) > MOST_TEXT or size > MOST_BYTES or len(arrays) > MOST_ARRAYS:
        raise Garbled(f"too large to send: {len(text)} bytes of text, {len(arrays)} arrays of {size} bytes")
    return b"".join([len(text).to_bytes(8, "big"), text, *(array.tobytes() for array in arrays)])


def unpack(read: Callable[[int], bytes]) -> Any:
    """Return the plain value of the next message.

    Args:
        read: returns exactly that many bytes, or raises. It is never asked for more than the limits above.

    Raises:
        Garbled: sizes beyond the limits, text that is no JSON, a dtype that is no number, a shape that does
            not fit.
    """
    length = int.from_bytes(read(8), "big")
    if length > MOST_TEXT:
        raise Garbled(f"a text of {length} bytes was announced; at most {MOST_TEXT} are read")
    try:
        tree = json.loads(read(length).decode())
        specs: list[tuple[np.dtype, tuple[int, ...]]] = []
        _collect(tree, specs)
        arrays = iter([_array(read, dtype, shape) for dtype, shape in _within_limits(specs)])
        return _from_json(tree, arrays)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as problem:
        raise Garbled(f"not a message: {type(problem).__name__}") from None


def _to_json(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<")).reshape(value.shape)
        if little.dtype.str not in DTYPES:
            raise TypeError(f"an array of {value.dtype}")
        arrays.append(little)
        return {"array": [little.dtype.str, list(little.shape)]}
    if isinstance(value, dict):
        return {"dict": {str(key): _to_json(item, arrays) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_to_json(item, arrays) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a value of type {type(value).__name__}")


def _collect(tree: Any, specs: list[tuple[np.dtype, tuple[int, ...]]]) -> None:
    """Append the dtype and shape of each array in the tree, in the order in which their bytes follow."""
    if isinstance(tree, list):
        for item in tree:
            _collect(item, specs)
    elif isinstance(tree, dict):
        ((key, inside),) = tree.items()
        if key == "dict":
            for item in inside.values():
                _collect(item, specs)
        elif key == "array":
            name, shape = inside
            if name not in DTYPES or not all(type(n) is int and n >= 0 for n in shape) or len(shape) > 16:
                raise ValueError("no array of numbers")
            specs.append((np.dtype(name), tuple(shape)))
        else:
            raise KeyError(key)


def _within_limits(specs: list[tuple[np.dtype, tuple[int, ...]]]) -> list[tuple[np.dtype, tuple[int, ...]]]:
    # max(n, 1): an array of shape (0, 10**12) has no bytes, but a sum over its first axis has 10**12 entries
    sizes = [dtype.itemsize * math.prod(max(n, 1) for n in shape) for dtype, shape in specs]
    if len(specs) > MOST_ARRAYS or sum(sizes) > MOST_BYTES:
        raise Garbled(f"{len(specs)} arrays of {sum(sizes)} bytes were announced; the limit is {MOST_BYTES}")
    return specs


def _array(read: Callable[[int], bytes], dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    data = read(dtype.itemsize * math.prod(shape))
    if dtype.kind == "b":  # a forged "true" might be any byte
        return (np.frombuffer(data, np.uint8) != 0).reshape(shape)
    return np.frombuffer(data, dtype).reshape(shape).copy()


def _from_json(tree: Any, arrays: Any) -> Any:
    if isinstance(tree, list):
        return [_from_json(item, arrays) for item in tree]
    if isinstance(tree, dict):
        ((key, inside),) = tree.items()
        if key == "array":
            return next(arrays)
        return {name: _from_json(item, arrays) for name, item in inside.items()}
    return tree
