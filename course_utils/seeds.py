"""Scores that one training reached from other first weights: a page trains once and claims for several.

A training that takes half a minute is run once on a page. Its scores from other seeds come from
``seeds.csv`` beside this file. A run with ``UNROLLED_WRITE_SEEDS=1`` in the environment writes it, by running
the page's own training for each seed. The page asserts that what it measured agrees with its row.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path

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
    first, *others = seeds
    if os.environ.get("UNROLLED_WRITE_SEEDS"):
        _write(chapter, {first: here} | {seed: measure(seed) for seed in others})
    row, *rest = stored(chapter, seeds)
    if not abs(here - row) <= slack:
        raise AssertionError(
            f"chapter {chapter}, seed {first}: measured {here:.4f}, stored {row:.4f}, "
            f"more than {slack:g} apart; if the training was changed, run with UNROLLED_WRITE_SEEDS=1"
        )
    print(f"seed {first} agrees with its stored score, {len(others)} other seeds read")
    return [here, *rest]


def stored(chapter: str, seeds: Sequence[int]) -> list[float]:
    """Return what a chapter's training scored from each seed, as stored; another chapter may ask, too.

    Raises:
        KeyError: a seed has no row; the message says how to write it.
    """
    rows = _read().get(chapter, {})
    if missing := [seed for seed in seeds if seed not in rows]:
        raise KeyError(
            f"no stored score of chapter {chapter} for seed {missing[0]}; "
            "run the notebook with UNROLLED_WRITE_SEEDS=1 in the environment"
        )
    return [rows[seed] for seed in seeds]


def _read() -> dict[str, dict[int, float]]:
    """Return {chapter: {seed: score}}; empty when there is no table."""
    found: dict[str, dict[int, float]] = {}
    if TABLE.exists():
        with TABLE.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["chapter"], {})[int(row["seed"])] = float(row["score"])
    return found


def _write(chapter: str, measured: dict[int, float]) -> None:
    rows = _read() | {chapter: measured}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["chapter", "seed", "score"])
        for name in sorted(rows):
            writer.writerows([name, seed, f"{score:.4f}"] for seed, score in sorted(rows[name].items()))
