"""Scores that one training reached from other first weights: a page trains once and claims for several.

A training that takes half a minute is run once on a page. Its scores from other seeds come from
``seeds.csv`` beside this file. A run with ``UNROLLED_WRITE_SEEDS=1`` in the environment writes it, by running
the page's own training for each seed; ``UNROLLED_WRITE_SEEDS="02 con"`` writes rows whose name begins so.
The page asserts that what it measured agrees with its row.
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
    chapter: str, seeds: Sequence[int], here: float, measure: Callable[[int], float], slack: float
) -> list[float]:
    """Return one score a seed: the first as measured here, the others as stored.

    Args:
        chapter: the rows' name, as in the file's name: ``"04b"``.
        seeds: the seeds; the first is the one that the page has just trained with.
        here: the score that the page measured with the first seed.
        measure: trains with a seed and returns its score; called only when the table is written.
        slack: how far ``here`` may lie from its row: processors round differently, and training amplifies it.

    Raises:
        KeyError: a seed has no row; the message says how to write it.
        AssertionError: the page's score is further than ``slack`` from its row.
    """
    return arrays(chapter, seeds, float(here), measure, slack).tolist()


def arrays(
    chapter: str, seeds: Sequence[int], here: ArrayLike, measure: Callable[[int], ArrayLike], slack: ArrayLike
) -> np.ndarray:
    """Return several scores a seed in one array: the first seed's as measured here, the others as stored.

    Args:
        chapter, seeds, measure: as for :func:`scores`.
        here: the scores that the page measured with the first seed, of any shape.
        slack: how far each may lie from its row; a number, or an array of a shape that fits.

    Returns:
        Scores of shape (seeds, ...).

    Raises:
        KeyError, AssertionError: as :func:`scores` does.
    """
    first, *others = seeds
    here = np.asarray(here, dtype=float)
    if _writing(chapter):
        _write(chapter, {first: here} | {seed: np.asarray(measure(seed)) for seed in others})
    rows = _rows(chapter, seeds)
    if any(row.size != here.size for row in rows):
        raise AssertionError(
            f"chapter {chapter}: {here.size} scores a seed, the table has other numbers of them; "
            "run with UNROLLED_WRITE_SEEDS=1"
        )
    row, *rest = (row.reshape(here.shape) for row in rows)
    far = ~(abs(here - row) <= slack)
    if far.any():
        measured, kept, most = (np.broadcast_to(x, here.shape)[far][0] for x in (here, row, slack))
        raise AssertionError(
            f"chapter {chapter}, seed {first}: measured {measured:.4f}, stored {kept:.4f}, "
            f"more than {most:g} apart; if the training was changed, run with UNROLLED_WRITE_SEEDS=1"
        )
    print(f"seed {first} agrees with its stored score, {len(others)} other seeds read")
    return np.array([here, *rest])


def read(chapter: str, seeds: Sequence[int], measure: Callable[[int], ArrayLike]) -> np.ndarray:
    """Return scores of which the page measures none, all as stored.

    Args:
        chapter, seeds: as for :func:`scores`; here a seed may be any number that tells trainings apart.
        measure: trains and returns the scores, a number or a row; called only when the table is written.

    Returns:
        Scores of shape (seeds,) or (seeds, scores).

    Raises:
        KeyError: as for :func:`scores`.
    """
    if _writing(chapter):
        _write(chapter, {seed: np.asarray(measure(seed)) for seed in seeds})
    found = np.array(_rows(chapter, seeds))
    print(f"stored results read: {len(found)}")
    return found.squeeze(1) if found.shape[1] == 1 else found


def stored(chapter: str, seeds: Sequence[int]) -> list[float]:
    """Return what a chapter's training scored from each seed, as stored; another chapter may ask, too.

    Raises:
        KeyError: a seed has no row; the message says how to write it.
    """
    return [row.item() for row in _rows(chapter, seeds)]


def _writing(chapter: str) -> bool:
    asked = os.environ.get("UNROLLED_WRITE_SEEDS")
    return bool(asked) and (asked == "1" or chapter.startswith(asked))


def _rows(chapter: str, seeds: Sequence[int]) -> list[np.ndarray]:
    rows = _read().get(chapter, {})
    if missing := [seed for seed in seeds if seed not in rows]:
        raise KeyError(
            f"no stored score of chapter {chapter} for seed {missing[0]}; "
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


def _write(chapter: str, measured: dict[int, np.ndarray]) -> None:
    rows = _read() | {chapter: measured}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["chapter", "seed", "score"])
        for name in sorted(rows):
            for seed, of_seed in sorted(rows[name].items()):
                writer.writerow([name, seed, " ".join(f"{score:.6g}" for score in of_seed.flat)])
