"""How long one way of computing takes beside another: ratios, measured once and kept in a table.

Seconds differ from run to run and from machine to machine, so no page stores them. A chapter holds the two
pieces of code that are compared; this module times them in turns and divides. The ratios that a page shows
come from ``timings.csv`` beside this file, which ``make timings`` writes by running the chapters, together
with the machine they were measured on. ``fresh=True`` measures here and now, for the reader's own machine.
"""

from __future__ import annotations

import csv
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 7  # each gives one ratio; the table keeps their median and both ends
TURNS, FEWEST = 40, 5  # timings of each piece a round; long pieces get fewer
ROUND_SECONDS = 1.5  # as long as a round of long pieces should take
SECONDS = 0.0005  # a piece is repeated until one timing takes about this long
TABLE = Path(__file__).with_name("timings.csv")
COLUMNS = ("name", "case", "median", "lowest", "highest", "machine")

Piece = Callable[[], object]


@dataclass(frozen=True)
class Ratio:
    """The second piece's time over the first's, in one case; above 1 the second is slower.

    Attributes:
        median, lowest, highest: over the rounds.
        machine: processor, threads, versions and date.
    """

    median: float
    lowest: float
    highest: float
    machine: str

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f}–{self.highest:.2f})"


def ratios(name: str, cases: Mapping[str, tuple[Piece, Piece]], fresh: bool = False) -> dict[str, Ratio]:
    """Return each case's ratio: from the table, or measured now.

    With ``UNROLLED_MEASURE=1`` in the environment (``make timings``) the cases are measured and the table's
    rows of this name are replaced.

    Args:
        name: chapter and subject: ``"04 stacked"``.
        cases: what is compared = two functions without arguments, the plain way first. Both are called once
            at least, even when nothing is measured, so that a page cannot show ratios of code that fails.
        fresh: measure on this machine, and leave the table as it is.

    Raises:
        KeyError: the table has no row for a case; the message says how to write it.
    """
    for first, second in cases.values():
        first()
        second()
    if not (fresh or _writing()):
        return _from_table(name, cases)
    here = machine()
    measured = {case: Ratio(*measure(*pieces), here) for case, pieces in cases.items()}
    if _writing():
        _write([row for row in read() if row[0] != name] + [(name, *item) for item in measured.items()])
    return measured


def measure(first: Piece, second: Piece) -> tuple[float, float, float]:
    """Time two pieces in turns and return second over first: median, lowest and highest of the rounds.

    A round divides the shortest times of its turns: whatever else the machine does can only make a piece
    slower. Turns change places, so that a machine that slows down slows both.
    """
    calls = [_calls(first), _calls(second)]
    once = sum(_time(piece, n) * n for piece, n in zip((first, second), calls, strict=True))
    turns = min(TURNS, max(FEWEST, round(ROUND_SECONDS / max(once, 1e-9))))
    found = []
    for _ in range(ROUNDS):
        seconds: tuple[list[float], list[float]] = ([], [])
        for turn in range(turns):
            for k in (0, 1) if turn % 2 else (1, 0):
                seconds[k].append(_time((first, second)[k], calls[k]))
        found.append(min(seconds[1]) / min(seconds[0]))
    return median(found), min(found), max(found)


def _time(piece: Piece, calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        piece()
    return (perf_counter() - start) / calls


def _calls(piece: Piece) -> int:
    piece()
    return max(1, round(SECONDS / max(min(_time(piece, 3), _time(piece, 3)), 1e-9)))


def machine() -> str:
    """Return one line: processor, threads of each library, versions, date."""
    import torch

    set_to = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
    return ", ".join(
        [
            _processor(),
            f"threads: numpy {set_to or f'up to {os.cpu_count()}'} and torch {torch.get_num_threads()}",
            f"numpy {metadata.version('numpy')}",
            f"torch {metadata.version('torch').split('+')[0]}",
            date.today().isoformat(),
        ]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _writing() -> bool:
    return os.environ.get("UNROLLED_MEASURE") == "1"


def _from_table(name: str, cases: Mapping[str, object]) -> dict[str, Ratio]:
    known = {case: ratio for row_name, case, ratio in read() if row_name == name}
    missing = [case for case in cases if case not in known]
    if missing:
        raise KeyError(f"{TABLE.name} has no row {name!r} for {missing[0]!r}; run: make timings")
    return {case: known[case] for case in cases}


def read() -> list[tuple[str, str, Ratio]]:
    """Return the table: name, case and ratio of each row."""
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf8", newline="") as file:
        return [
            (r["name"], r["case"], Ratio(*(float(r[k]) for k in COLUMNS[2:5]), r["machine"]))
            for r in csv.DictReader(file)
        ]


def _write(rows: list[tuple[str, str, Ratio]]) -> None:
    with TABLE.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, case, r in sorted(rows, key=lambda row: row[0]):  # cases keep the chapter's order
            writer.writerow([name, case, *(f"{x:.3f}" for x in (r.median, r.lowest, r.highest)), r.machine])
