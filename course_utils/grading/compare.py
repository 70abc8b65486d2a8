"""Is it right, and if not, what went wrong? Worked out from the values, told in one line.

:func:`same` is what a case calls. It raises :class:`Wrong` with a code, by which the question's hint is
chosen, and one line about the learner's own numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

TOLERANCE = 1e-9  # relative to the largest right value: two orders of summing agree, float32 does not


class Wrong(Exception):
    """An answer that is not right.

    Attributes:
        code: what kind of mistake it is; questions give their hints by code.
        line: one line about this answer's values.
        points: what it is worth all the same, where a question has grades.
    """

    def __init__(self, code: str, line: str, points: int = 0) -> None:
        super().__init__(line)
        self.code = code
        self.line = line
        self.points = points


def same(
    got: Any,
    want: Any,
    name: str,
    *,
    axes: str = "",
    letters: Mapping[str, int] | None = None,
    mistakes: Mapping[str, Any] | None = None,
) -> None:
    """Pass when ``got`` has the shape and the values of ``want``.

    Args:
        got: what the learner's function returned.
        want: the reference, a number or an array.
        name: what the learner calls it, for the message.
        axes: the meaning of the axes of ``want``, for example ``"T - N + 1, H"``.
        letters: the sizes used, for example ``{"T": 7, "B": 3}``.
        mistakes: code → the value that a foreseen mistake gives, or a list of such values. When one of them
            is what came back, its code is raised: that is the surest diagnosis there is.

    Raises:
        Wrong: with the code of a foreseen mistake, or one of: nothing, type, transposed, not_summed,
            off_by_one, shape, nan, zeros, constant, sign, scaled, offset, reversed, order, dtype, values.
    """
    want = np.asarray(want)
    got = as_numbers(got, name)
    dtype, got = got.dtype, got.astype(complex if got.dtype.kind == "c" else float)
    with np.errstate(all="ignore"):  # what came back may be as large as floats go
        if agree(got, want):
            return
        for code, values in (mistakes or {}).items():
            if any(
                agree(got, np.asarray(value)) for value in (values if isinstance(values, list) else [values])
            ):
                raise Wrong(code, f"`{name}` {_first_difference(got, want, axes, letters)}")
        if got.shape != want.shape:
            raise _wrong_shape(got, want, name, axes, letters)
        raise _wrong_values(got, want, name, dtype)


def explained(
    got: Sequence[Any],
    right: Sequence[np.ndarray],
    names: Sequence[str],
    mistakes: Mapping[str, Sequence[Sequence[np.ndarray]]],
    axes: Sequence[str],
    letters: Mapping[str, int],
) -> None:
    """Pass when several arrays are right, see :func:`same`. A mistake that explains all is told first.

    Args:
        got: what the learner's function returned, one array for each name.
        right: the references.
        names: what the learner calls them.
        mistakes: code → all arrays as a foreseen mistake gives them, in each of its forms.
        axes, letters: of each array, and of all, as in :func:`same`.

    Raises:
        Wrong: as :func:`same` does.
    """
    found = [as_numbers(g, name) for g, name in zip(got, names, strict=True)]
    off = [k for k in range(len(right)) if not agree(found[k], right[k])]
    for code, many in mistakes.items() if off else ():
        for values in many:
            if all(agree(g, v) for g, v in zip(found, values, strict=True)):
                raise Wrong(code, _which_are_off(found, right, off, names))
    for k, name in enumerate(names):
        told = {
            code: [values[k] for values in many if not agree(values[k], right[k])]
            for code, many in mistakes.items()
        }
        same(found[k], right[k], name, axes=axes[k], letters=letters, mistakes=told)


def _which_are_off(
    found: Sequence[np.ndarray], right: Sequence[np.ndarray], off: Sequence[int], names: Sequence[str]
) -> str:
    """One line: which of several arrays are not right, and the number that is farthest off."""
    listed = ", ".join(f"`{names[k]}`" for k in off)
    told = f"none of the {len(names)} is right" if len(off) == len(names) else f"not right: {listed}"
    k = off[0]
    if found[k].shape != right[k].shape:
        return f"{told}; `{names[k]}` has shape {found[k].shape}, expected {right[k].shape}"
    place = np.unravel_index(np.abs(found[k] - right[k]).argmax(), right[k].shape)
    where = f"`{names[k]}[{', '.join(str(int(n)) for n in place)}]`"
    return f"{told}; {where} is {found[k][place]:.6g}, expected {right[k][place]:.6g}"


def agree(got: np.ndarray, want: np.ndarray) -> bool:
    """Return whether two arrays have one shape and, to :data:`TOLERANCE`, the same values."""
    if got.shape != want.shape:
        return False
    return bool(_near(got, want).all())


def as_numbers(got: Any, name: str) -> np.ndarray:
    """Return what came back as an array of float64 or complex numbers.

    Raises:
        Wrong: nothing came back, or something else than numbers.
    """
    if got is None:
        raise Wrong("nothing", f"`{name}` is None: is a `return` missing?")
    if isinstance(got, list) and any(isinstance(item, np.ndarray) and item.ndim for item in got):
        shapes = ", ".join(str(np.shape(item)) for item in got[:4])
        if len({np.shape(item) for item in got}) != 1:
            raise Wrong("type", f"`{name}` is {len(got)} arrays of shapes {shapes}; expected one array")
    try:
        array = np.asarray(got)
        if array.dtype.kind not in "biufc":
            raise ValueError
    except ValueError:
        raise Wrong("type", f"`{name}` is {_describe(got)}; expected numbers") from None
    return array


def parts(got: Any, *names: str) -> list[Any]:
    """Return the values of a function that is to return several, one for each name.

    Raises:
        Wrong: another number of values came back.
    """
    expected = f"expected {len(names)}: {', '.join(f'`{n}`' for n in names)}"
    if got is None:
        raise Wrong("nothing", f"nothing came back, {expected}; is a `return` missing?")
    if not isinstance(got, list) or len(got) != len(names):
        came = f"{len(got)} values" if isinstance(got, list) else f"one value ({_describe(got)})"
        raise Wrong("type", f"{came} came back, {expected}")
    return got


def sizes(letters: Mapping[str, int] | None) -> str:
    """Return ``T=7, B=3`` for a message."""
    return ", ".join(f"{letter}={size}" for letter, size in (letters or {}).items())


def _wrong_shape(
    got: np.ndarray, want: np.ndarray, name: str, axes: str, letters: Mapping[str, int] | None
) -> Wrong:
    line = f"`{name}` has {_shapes(got, want, axes, letters)}"
    if got.ndim > 1 and got.shape == want.shape[::-1]:
        how = "the right values, transposed" if agree(got.T, want) else "looks transposed"
        return Wrong("transposed", f"{line}: {how}")
    if got.ndim == want.ndim + 1:
        for axis in range(got.ndim):
            if got.shape[axis] > 1 and agree(got.sum(axis), want):
                over = _letter(got.shape[axis], letters)
                return Wrong("not_summed", f"{line}: not summed over {over}, axis {axis}")
        if got.ndim == 2 and got.shape == want.shape * 2:
            return Wrong("broadcast", f"{line}: every value met every other, as (n, 1) against (n,) does")
    if got.size == want.size:
        return Wrong("shape", f"{line}: the number of values is right, their arrangement is not")
    if got.ndim == want.ndim:
        apart = [g - w for g, w in zip(got.shape, want.shape, strict=True) if g != w]
        if len(apart) == 1 and abs(apart[0]) == 1:
            axis = next(k for k in range(want.ndim) if got.shape[k] != want.shape[k])
            which = ("row", "column")[axis] if want.ndim == 2 else "value"
            return Wrong("off_by_one", f"{line}: one {which} {'too many' if apart[0] > 0 else 'too few'}")
    return Wrong("shape", line)


def _wrong_values(got: np.ndarray, want: np.ndarray, name: str, dtype: np.dtype) -> Wrong:
    bad = ~np.isfinite(got)
    if bad.any():
        return Wrong("nan", f"`{name}` holds NaN or infinity in {_count(bad)} places")
    if got.ndim == 0:
        return _wrong_number(got, want, name)
    if not got.any():
        return Wrong("zeros", f"`{name}` is zero everywhere")
    if got.size > 1 and np.ptp(got) == 0 and np.ptp(want) > 0:
        return Wrong("constant", f"every entry of `{name}` is {got.flat[0]:.6g}")
    if agree(-got, want):
        return Wrong("sign", f"`{name}` has the wrong sign: every entry is minus the right one")
    if got.ndim == 2 and got.shape[0] == got.shape[1] and agree(got.T, want):
        return Wrong("transposed", f"`{name}` has the right values with rows and columns exchanged")
    if dtype.kind in "iub" and want.dtype.kind == "f":
        return Wrong("dtype", f"`{name}` came back as whole numbers ({dtype}); expected float64")
    if dtype.itemsize < 8 and np.allclose(got, want, rtol=1e-2 if dtype.itemsize < 4 else 1e-4, atol=1e-4):
        return Wrong("dtype", f"`{name}` came back as {dtype}, right to its few digits; expected float64")
    if got.size >= 3:
        factor = float(np.vdot(want, got).real / np.vdot(want, want).real)
        if factor and agree(got / factor, want):
            return Wrong("scaled", f"every entry of `{name}` is {_number(factor)} times the right one")
        gap = got - want
        if np.ptp(gap) <= TOLERANCE * max(1.0, float(np.abs(want).max())):
            return Wrong("offset", f"every entry of `{name}` is off by the same {gap.flat[0]:+.6g}")
        for axis in range(got.ndim):
            along = "" if got.ndim == 1 else f" along axis {axis}"
            if agree(np.flip(got, axis), want):
                return Wrong("reversed", f"`{name}` has the right values in reverse order{along}")
            if got.shape[axis] > 2:
                if agree(np.delete(got, -1, axis), np.delete(want, 0, axis)):
                    line = f"`{name}` is one step ahead{along}: [i] holds what belongs in [i + 1]"
                    return Wrong("off_by_one", line)
                if agree(np.delete(got, 0, axis), np.delete(want, -1, axis)):
                    line = f"`{name}` is one step late{along}: [i + 1] holds what belongs in [i]"
                    return Wrong("off_by_one", line)
        if agree(np.sort(got, axis=None), np.sort(want, axis=None)):
            return Wrong("order", f"`{name}` has the right values in another order: {_place(got, want)}")
    return Wrong("values", f"`{name}` {_first_difference(got, want, '', None)}")


def _wrong_number(got: np.ndarray, want: np.ndarray, name: str) -> Wrong:
    line = f"`{name}` gives {_number(got)}, expected {_number(want)}"
    if got == 0:
        return Wrong("zeros", line)
    if want.dtype.kind in "iu" and abs(got - want) == 1:
        return Wrong("off_by_one", line)
    if got == -want:
        return Wrong("sign", f"{line}: the sign is wrong")
    return Wrong("values", line)


def _first_difference(got: np.ndarray, want: np.ndarray, axes: str, letters: Mapping[str, int] | None) -> str:
    if got.shape != want.shape:
        return f"has {_shapes(got, want, axes, letters)}"
    if got.ndim == 0:
        return f"gives {_number(got)}, expected {_number(want)}"
    right = _near(got, want)
    if right.any():
        return f"is right in {_count(right)} of {right.size} places: {_place(got, want)}"
    return f"is right nowhere: {_place(got, want)}"


def _place(got: np.ndarray, want: np.ndarray) -> str:
    index = tuple(int(k) for k in np.argwhere(~_near(got, want))[0])
    where = f"[{', '.join(map(str, index))}]"
    return f"first at {where}, {_number(got[index])} instead of {_number(want[index])}"


def _near(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    scale = float(np.abs(want).max(initial=0.0)) or 1.0
    return np.abs(got - want) <= TOLERANCE * scale


def _shapes(got: np.ndarray, want: np.ndarray, axes: str, letters: Mapping[str, int] | None) -> str:
    meaning = f" = ({axes})" if axes else ""
    known = f" with {sizes(letters)}" if letters else ""
    return f"shape {got.shape}, expected {want.shape}{meaning}{known}"


def _letter(size: int, letters: Mapping[str, int] | None) -> str:
    words = {"T": "time", "B": "the batch", "D": "the inputs", "H": "the hidden units", "N": "the window"}
    found = [letter for letter, value in (letters or {}).items() if value == size]
    return words.get(found[0], found[0]) if len(found) == 1 else "one axis"


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else f"{np.asarray(value).item():.6g}"


def _count(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))


def _describe(got: Any) -> str:
    if isinstance(got, np.ndarray):
        return f"an array of shape {got.shape}"
    words = {list: "a list", dict: "a dict", str: "a text", int: "a number", float: "a number"}
    return words.get(type(got), type(got).__name__)
