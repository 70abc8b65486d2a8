"""The learner's side of a call: find a name, call it, turn what it returns into plain values.

The notebook's checks and the sandboxed worker both answer requests with :func:`answer`, so a function is
asked in the same way in both places. This file is copied into the sandbox: it imports no other file of the
project and knows nothing of right answers.
"""

from __future__ import annotations

import linecache
import traceback
from typing import Any

import numpy as np

Plain = Any  # None, bool, int, float, str, ndarray of numbers, or lists and dicts of these
DEEPEST = 20  # levels of lists within lists


def answer(request: dict[str, Any], names: dict[str, Any], kept: dict[int, Any]) -> dict[str, Plain]:
    """Carry out one request and return the reply, which is plain whatever the learner's code did.

    Args:
        request: ``op`` is "call" or "read"; ``name`` is what to call or read; ``on`` is None for the
            notebook's own names or the number of a kept object; a call also has ``args``, ``kwargs``
            and ``keep`` (keep the result here and return its number).
        names: the notebook's global names.
        kept: objects kept by earlier calls, by number.

    Returns:
        ``{"value": …, "args": …, "kwargs": …}`` with the arguments as the call left them,
        or ``{"error": kind, …}``.
    """
    name, on = request["name"], request["on"]
    if on is None:
        if name not in names:
            return {"error": "missing", "name": name}
        target = names[name]
    elif on in kept and hasattr(kept[on], name):
        target = getattr(kept[on], name)
    else:
        return {"error": "missing", "name": name}
    if request["op"] == "read":
        return _reply(name, target, [], {})
    if not callable(target):
        return {"error": "type", "name": name, "message": f"is {_kind(target)}, not a function"}

    args, kwargs = request["args"], request["kwargs"]
    try:
        value = target(*args, **kwargs)
    except NotImplementedError as problem:
        return {"error": "unwritten", "name": name, "message": str(problem)[:300]}
    except (Exception, SystemExit) as problem:
        return {"error": "raised", "name": name, **describe(problem)}
    if request["keep"]:
        number = len(kept)
        kept[number] = value
        value = number
    return _reply(name, value, args, kwargs)


def _reply(name: str, value: Any, args: list[Plain], kwargs: dict[str, Plain]) -> dict[str, Plain]:
    try:
        value = plain(value)
    except Exception as problem:  # a learner's class may raise anything when it is looked at
        return {"error": "type", "name": name, "message": f"gives {str(problem)[:200]}"}
    try:
        return {"value": value, "args": plain(args), "kwargs": plain(kwargs)}
    except Exception:  # an argument that now holds something else
        return {"value": value, "args": None, "kwargs": None}


def plain(value: Any, depth: int = 0) -> Plain:
    """Return a copy of ``value`` made of plain values only, so that no learner's object is ever compared.

    Raises:
        TypeError: it holds something that is neither a number, a text, an array nor a list or dict of these.
        ValueError: lists nested too deep, or an array of something else than numbers.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _plain_array(value)
    if isinstance(value, int):
        number = int(value)
        if abs(number) >= 2**63:
            raise ValueError("a whole number beyond 63 bits")
        return number
    if isinstance(value, float):
        return float(value)
    if isinstance(value, complex):
        return _plain_array(np.array(complex(value)))
    if isinstance(value, str):
        return str(value[:10_000])
    if depth >= DEEPEST:
        raise ValueError(f"lists nested more than {DEEPEST} deep")
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if hasattr(value, "detach"):  # a torch tensor: without the graph behind it
        return _plain_array(value.detach().cpu().numpy())
    if hasattr(value, "__array__"):  # a pandas series and its like
        return _plain_array(np.asarray(value))
    raise TypeError(_kind(value))


def _plain_array(value: Any) -> np.ndarray:
    array = np.array(value, copy=True, subok=False)
    if array.dtype.kind not in "biufc":
        raise ValueError(f"an array of {array.dtype}, not of numbers")
    if array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
        array = array.astype(complex if array.dtype.kind == "c" else float)
    return array


def _kind(value: Any) -> str:
    known = {"NoneType": "None", "generator": "a generator", "function": "a function", "type": "a class"}
    name = type(value).__name__[:60]
    return known.get(name, f"a value of type {name}")


def describe(problem: BaseException) -> dict[str, Plain]:
    """Return an exception's type and message, and the learner's own line: the last that stands in a cell."""
    number, text = 0, ""
    if isinstance(problem, SyntaxError):
        number, text = problem.lineno or 0, (problem.text or "").strip()
        message = str(problem.msg or "")
    else:
        message = str(problem)
        for frame in traceback.extract_tb(problem.__traceback__):
            if is_cell(frame.filename):
                number = frame.lineno or 0
                text = linecache.getline(frame.filename, number).strip()
    return {
        "type": type(problem).__name__[:60],
        "message": " ".join(message.split())[:300],
        "line": number,
        "text": text[:120],
    }


def is_cell(filename: str) -> bool:
    """Return whether a code's file name is that of a notebook cell: in Jupyter, IPython or the worker."""
    return filename.startswith(("<cell", "<ipython-input", "<stdin")) or "ipykernel_" in filename
