"""How many submissions a second: ``python tests/grading/benchmark.py [HOW_MANY] [JOBS]``.

Every other submission is the solution of exercise 01, the rest are the untouched exercise.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from course_utils.grading import process
from course_utils.grading.grade import Plan, grade_folder
from course_utils.grading.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]


class Speed(NamedTuple):
    """``a_second``: submissions, by the clock. ``core_seconds``: of a core's work, for each submission."""

    a_second: float
    core_seconds: float


def measure(how_many: int, jobs: int) -> Speed:
    """Grade that many submissions, reports included."""
    work: list[float] = []
    stop = process.Worker.stop

    def stop_and_count(worker: process.Worker) -> None:
        work.append(_work_of(worker._process.pid))
        stop(worker)

    with tempfile.TemporaryDirectory() as place, Sandbox() as sandbox:
        folder = Path(place, "class")
        folder.mkdir()
        for number in range(how_many):
            source = ("solutions", "exercises")[number % 2]
            shutil.copy(ROOT / source / "01_sliding_predictors.ipynb", folder / f"{number}.ipynb")
        process.Worker.stop = stop_and_count
        start, own = time.perf_counter(), time.process_time()
        try:
            outcomes = grade_folder(folder, Path(place, "scores"), sandbox, Plan(), jobs)
        finally:
            process.Worker.stop = stop
        seconds, own = time.perf_counter() - start, time.process_time() - own
    scores = {sum(v.points for v in outcome.verdicts) for outcome in outcomes}
    if scores != {0, 15} or len(work) != how_many:
        raise SystemExit(
            f"expected {how_many} workers, scores of 0 and 15; got {len(work)}, {sorted(scores)}"
        )
    return Speed(how_many / seconds, (sum(work) + own) / how_many)


def _work_of(pid: int) -> float:
    """Return the seconds of a processor's work that a process and all below it have taken so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(map(int, after_name[11:15]))  # user and system time, its own and of children that ended
    return ticks / os.sysconf("SC_CLK_TCK") + sum(map(_work_of, process._children(pid)))


if __name__ == "__main__":
    how_many, jobs = [*map(int, sys.argv[1:]), *(100, 2)[len(sys.argv) - 1 :]]
    speed = measure(how_many, jobs)
    print(f"{how_many} submissions, {jobs} at a time: {speed.a_second:.1f} a second by the clock")
    idle = 2 / speed.core_seconds
    print(f"{speed.core_seconds:.3f} s of a core's work each: {idle:.1f} a second on two idle cores")
