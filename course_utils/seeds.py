"""Results of trainings that a page does not repeat: other seeds, other settings.

A page trains what its story needs and reads the rest from ``seeds.csv`` beside this file. With
``UNROLLED_WRITE_SEEDS=1`` in the environment it runs its own training for all of them and writes the table;
``UNROLLED_WRITE_SEEDS="02 con"`` writes only rows whose name begins so. :func:`scores` and :func:`arrays`
assert that what the page measured agrees with its row; :func:`read` has nothing to compare.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

TABLE = Path(__file__).with_name("seeds.csv")


def scores(
    name: str,
    seeds: Sequence[int],
    here: float,
    measure: Callable[[int], float],
    slack: float,
    *,
    quiet: bool = False,
) -> list[float]:
    """Return one score a seed: the first as measured here, the others as stored.

    Args:
        name: the rows' name, the chapter first: ``"04b"``, ``"02 contest"``.
        seeds: the seeds; the first is the one that the page has just trained with.
        here: the score that the page measured with the first seed.
        measure: trains with a seed and returns its score; called only when the table is written.
        slack: how far ``here`` may lie from its row: processors round differently, and training amplifies it.
        quiet: print nothing; for a page that calls this in a loop, or says in its own words what it read.

    Raises:
        KeyError: a seed has no row; the message says how to write it.
        AssertionError: the page's score is further than ``slack`` from its row.
    """
    return arrays(name, seeds, float(here), measure, slack, quiet=quiet).tolist()


def arrays(
    name: str,
    seeds: Sequence[int],
    here: ArrayLike,
    measure: Callable[[int], ArrayLike],
    slack: ArrayLike,
    *,
    quiet: bool = False,
) -> np.ndarray:
    """Return several scores a seed in one array: the first seed's as measured here, the others as stored.

    Args:
        name, seeds, measure, quiet: as for :func:`scores`.
        here: the scores that the page measured with the first seed, of any shape.
        slack: how far each may lie from its row; a number, or an array of a shape that fits.

    Returns:
        Scores of shape (seeds, ...).

    Raises:
        KeyError, AssertionError: as :func:`scores` does.
    """
    first, *others = seeds
    here = np.asarray(here, dtype=float)
    if _writing(name):
        _write(name, {first: here} | {seed: np.asarray(measure(seed)) for seed in others})
    rows = _rows(name, seeds)
    for row in rows:
        _check_size(name, row, here.size)
    row, *rest = (row.reshape(here.shape) for row in rows)
    far = ~(abs(here - row) <= slack)
    if far.any():
        measured, kept, most = (np.broadcast_to(x, here.shape)[far][0] for x in (here, row, slack))
        raise AssertionError(
            f"{name}, seed {first}: measured {measured:.4f}, stored {kept:.4f}, "
            f"more than {most:g} apart; if the training was changed, run with UNROLLED_WRITE_SEEDS=1"
        )
    if not quiet:
        print(f"seed {first} agrees with its stored score, {len(others)} other seeds read")
    return np.array([here, *rest])


def read(
    name: str, seeds: Sequence[int], measure: Callable[[int], ArrayLike], *, quiet: bool = False
) -> np.ndarray:
    """Return scores of which the page measures none, all as stored.

    Args:
        name, seeds, quiet: as for :func:`scores`; here a seed may be any number that tells trainings apart.
        measure: trains and returns the scores, a number or an array, which is stored flat; called only when
            the table is written.

    Returns:
        Scores of shape (seeds,) or (seeds, scores).

    Raises:
        KeyError: as for :func:`scores`.
    """
    if _writing(name):
        _write(name, {seed: np.asarray(measure(seed)) for seed in seeds})
    rows = _rows(name, seeds)
    for row in rows:
        _check_size(name, row, rows[0].size)
    if not quiet:
        print(f"stored results read: {len(rows)}")
    return np.array([row.item() for row in rows] if rows[0].size == 1 else rows)


def stored(name: str, seeds: Sequence[int]) -> list[float]:
    """Return what a chapter's training scored from each seed, as stored; another chapter may ask, too.

    Raises:
        KeyError: a seed has no row; the message says how to write it.
        ValueError: the rows hold several scores; use :func:`read`.
    """
    return [row.item() for row in _rows(name, seeds)]


def _writing(name: str) -> bool:
    asked = os.environ.get("UNROLLED_WRITE_SEEDS", "")
    return asked not in ("", "0") and (asked == "1" or name.startswith(asked))


def _check_size(name: str, row: np.ndarray, size: int) -> None:
    if row.size != size:
        raise AssertionError(
            f"{name}: expected {size} scores a seed, the table has {row.size}; "
            "if the training was changed, run with UNROLLED_WRITE_SEEDS=1"
        )


def _rows(name: str, seeds: Sequence[int]) -> list[np.ndarray]:
    rows = _read().get(name, {})
    if missing := [seed for seed in seeds if seed not in rows]:
        raise KeyError(
            f"no stored score of {name!r} for seed {missing[0]}; "
            "run the notebook with UNROLLED_WRITE_SEEDS=1 in the environment"
        )
    return [rows[seed] for seed in seeds]


def _read() -> dict[str, dict[int, np.ndarray]]:
    """Return {chapter: {seed: its scores, flat}}; empty when there is no table."""
    found: dict[str, dict[int, np.ndarray]] = {}
    if TABLE.exists():
        with TABLE.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                of_seed = np.array(row["score"].split(), dtype=float)
                found.setdefault(row["chapter"], {})[int(row["seed"])] = of_seed
    return found


def _write(name: str, measured: dict[int, np.ndarray]) -> None:
    rows = _read() | {name: measured}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["chapter", "seed", "score"])
        for one in sorted(rows):
            for seed, of_seed in sorted(rows[one].items()):
                writer.writerow([one, seed, " ".join(f"{score:.6g}" for score in of_seed.flat)])
