"""The memory ruler: one task that measures every model of the book.

A symbol is shown, L distractors follow, then a cue asks: which symbol was it? Every chapter trains its model
on this task for several lags L with the same budget, and its curve joins one figure that grows through the
book. The curves come from ``memory_ruler.csv`` beside this file, which ``make ruler`` writes by running the
chapters: three seeds, all lags. A page trains one seed, mostly at the short lags, and asserts that what it
measured agrees with the table.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

SYMBOLS = 4  # to be remembered; naming one at random is right 1 time in 4
DISTRACTORS = 4
D = SYMBOLS + DISTRACTORS + 1  # one-hot input: symbols, distractors, the cue
Q = SYMBOLS
CHANCE = 1 / SYMBOLS
LAGS = (1, 2, 4, 8, 16, 32, 64)
SEEDS = (0, 1, 2)
UPDATES, BATCH, RATE, CLIP = 300, 32, 0.01, 1.0  # the budget, the same for every model
TESTS = 1000
TABLE = Path(__file__).with_name("memory_ruler.csv")


def batch(lag: int, size: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return sequences and the symbols to name.

    Returns:
        X: one-hot input of shape (T, B, D) with T = lag + 2: the symbol, ``lag`` distractors, the cue.
        y: the symbol, an integer below Q, shape (B,), to be named at the last step.
    """
    import torch

    symbol = torch.randint(SYMBOLS, (1, size), generator=generator)
    between = SYMBOLS + torch.randint(DISTRACTORS, (lag, size), generator=generator)
    cue = torch.full((1, size), D - 1)
    X = torch.nn.functional.one_hot(torch.cat([symbol, between, cue]), D)
    return X.to(torch.get_default_dtype()), symbol[0]


def measure(
    build: Callable[[], torch.nn.Module], upto: int = LAGS[-1], seeds: Sequence[int] = SEEDS[:1]
) -> np.ndarray:
    """Train a fresh model for each lag and seed, and return its accuracy on sequences it has not seen.

    Every model gets the same: 300 updates of Adam (rate 0.01) on batches of 32 new sequences, gradients
    clipped to norm 1.

    Args:
        build: returns a new model that maps X (T, B, D) to logits (B, Q), read at the last step.
        upto: the longest of ``LAGS`` to measure; a model that is a slow loop may leave the long ones to the
            table. ``make ruler`` measures all of them.
        seeds: one model each. ``make ruler`` trains all of ``SEEDS``.

    Returns:
        Accuracy over 1000 sequences, shape (lags, seeds).
    """
    if _writing():
        upto, seeds = LAGS[-1], SEEDS
    return np.array([[train(build, lag, seed) for seed in seeds] for lag in LAGS if lag <= upto])


def train(build: Callable[[], torch.nn.Module], lag: int, seed: int) -> float:
    """Train one fresh model as :func:`measure` does.

    Args:
        build: as for :func:`measure`.
        lag, seed: one of each.

    Returns:
        The share of 1000 new sequences whose symbol it names.
    """
    import torch

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(1000 + seed)
    model = build()
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(UPDATES):
        X, y = batch(lag, BATCH, generator)
        loss = torch.nn.functional.cross_entropy(model(X), y)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        adam.step()
    X, y = batch(lag, TESTS, generator)
    with torch.no_grad():
        return (model(X).argmax(1) == y).double().mean().item()


def agree(chapter: str, model: str, accuracy: np.ndarray, tolerance: float = 0.05) -> None:
    """Assert that a measurement agrees with the table, seed by seed, and say so in one line.

    With ``UNROLLED_WRITE_RULER=1`` in the environment (``make ruler``) the rows are written instead.

    Args:
        chapter: two digits and a letter where needed: ``"01"``, ``"07b"``.
        model: its name in the figure.
        accuracy: what :func:`measure` returned, shape (lags, seeds), for the first of ``LAGS`` and ``SEEDS``.
        tolerance: largest difference: on another processor a training run may round otherwise.

    Raises:
        AssertionError: an accuracy differs by more, or the table has no such rows.
    """
    if _writing():
        rows = [r for r in read() if (r["chapter"], r["model"]) != (chapter, model)]
        rows += [
            {"chapter": chapter, "model": model, "lag": lag, "seeds": of_seeds}
            for lag, of_seeds in zip(LAGS, accuracy, strict=True)
        ]
        _write(rows)
    table = {r["lag"]: r["seeds"] for r in read() if (r["chapter"], r["model"]) == (chapter, model)}
    if set(table) != set(LAGS):
        raise AssertionError(
            f"{TABLE.name} has no complete rows for {model!r} of chapter {chapter}; run: make ruler"
        )
    for lag, of_seeds in zip(LAGS, accuracy, strict=False):
        for seed, measured, kept in zip(SEEDS, of_seeds, table[lag], strict=False):
            if abs(measured - kept) > tolerance:
                raise AssertionError(
                    f"{model}, lag {lag}, seed {seed}: measured {measured:.3f}, {TABLE.name} says "
                    f"{kept:.3f}, tolerance {tolerance}; if the model was meant to change, run: make ruler"
                )
    lags, seeds = accuracy.shape
    print(f"memory ruler, {model!r}: as in the table at {lags} lags, {seeds} of {len(SEEDS)} seeds")


def _writing() -> bool:
    return os.environ.get("UNROLLED_WRITE_RULER") == "1"


def read() -> list[dict]:
    """Return the table: rows of chapter, model, lag, accuracy by seed, and its lowest, median and highest."""
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf8", newline="") as file:
        found = list(csv.DictReader(file))
    rows = []
    for r in found:
        of_seeds = [float(r[f"seed {seed}"]) for seed in SEEDS]
        low, mid, high = sorted(of_seeds)
        row = {"chapter": r["chapter"], "model": r["model"], "lag": int(r["lag"]), "seeds": of_seeds}
        rows.append(row | {"lowest": low, "median": mid, "highest": high})
    return rows


def stored(which: str = "median") -> dict[tuple[str, int], float]:
    """Return the table's accuracies by model and lag: ``stored("lowest")["LSTM", 16]``.

    Args:
        which: the accuracy that is asked for: ``"lowest"`` of the seeds, ``"median"`` or ``"highest"``.
    """
    return {(row["model"], row["lag"]): row[which] for row in read()}


def reach(model: str, which: str = "lowest", enough: float = 0.9) -> int:
    """Return the longest lag up to which a model's accuracy stays at ``enough`` or above, by the table.

    Args:
        model: its name in the figure.
        which: as in :func:`stored`.
        enough: what counts as right.

    Returns:
        One of ``LAGS``, or 0 if it falls short at the first of them.

    Raises:
        ValueError: the table has no such model.
    """
    table, longest = stored(which), 0
    if (model, LAGS[0]) not in table:
        known = ", ".join(dict.fromkeys(repr(name) for name, _ in table))
        raise ValueError(f"no model {model!r} in {TABLE.name}; there are: {known}")
    for lag in LAGS:
        if table[model, lag] < enough:
            break
        longest = lag
    return longest


def _write(rows: list[dict]) -> None:
    rows = sorted(rows, key=lambda r: (r["chapter"], r["model"], r["lag"]))
    with TABLE.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["chapter", "model", "lag", *(f"seed {seed}" for seed in SEEDS)])
        for r in rows:
            writer.writerow([r["chapter"], r["model"], r["lag"], *(f"{x:.3f}" for x in r["seeds"])])


def draw(upto: str) -> Figure:
    """Return the figure with the curves of all chapters up to and including one; this chapter's stand out."""
    import matplotlib.pyplot as plt

    from course_utils.palette import LIGHT

    rows = [r for r in read() if r["chapter"] <= upto]
    models = list(dict.fromkeys((r["chapter"], r["model"]) for r in rows))
    figure, ax = plt.subplots(figsize=(7, 3.1 + 0.22 * math.ceil(len(models) / 3)))
    ax.axhline(CHANCE, color=LIGHT["baseline"], linestyle=":", linewidth=1.4)
    ax.text(LAGS[-1], CHANCE - 0.015, "chance", color=LIGHT["muted"], ha="right", va="top", fontsize=9)
    roles, markers, fresh = ("hidden", "output", "cell", "input", "gradient"), "osD^vP<X>*ph", 0
    for k, (chapter, model) in enumerate(models):
        curve = [r for r in rows if (r["chapter"], r["model"]) == (chapter, model)]
        lags, medians = [r["lag"] for r in curve], [r["median"] for r in curve]
        name, marker = f"{model} ({chapter.lstrip('0')})", markers[k % len(markers)]
        if chapter == upto:  # this chapter's curves stand out, with the spread over their seeds
            colour = LIGHT[roles[fresh % len(roles)]]
            ax.plot(
                lags, medians, marker=marker, color=colour, linewidth=2, markersize=6, label=name, zorder=3
            )
            low, high = ([r[key] for r in curve] for key in ("lowest", "highest"))
            ax.fill_between(lags, low, high, color=colour, alpha=0.18, linewidth=0)
            fresh += 1
        else:
            ax.plot(
                lags, medians, marker=marker, color=LIGHT["baseline"], linewidth=1, markersize=5,
                markerfacecolor=LIGHT["surface"], linestyle=("-", "--", "-.")[k % 3], label=name,
            )  # fmt: skip
    ax.set_xscale("log", base=2)
    ax.set_xticks(LAGS, [str(lag) for lag in LAGS])
    ax.set_xlim(LAGS[0] * 0.93, LAGS[-1] * 1.07)
    ax.set_ylim(0, 1.05)
    ax.set_xlabel("lag L: distractors between the symbol and the question")
    ax.set_ylabel("accuracy")
    tight = {"fontsize": 8, "columnspacing": 1, "handlelength": 1.5} if len(models) > 12 else {}
    figure.legend(
        loc="outside lower center", ncols=min(3, len(models)), title="model (chapter)",
        title_fontsize=9, **tight,
    )  # fmt: skip
    return figure
