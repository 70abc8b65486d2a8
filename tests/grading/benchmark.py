"""How many submissions a second: ``python tests/grading/benchmark.py [HOW_MANY] [JOBS]``.

Every other submission is the solution of exercise 01, the rest are the untouched exercise.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from course_utils.grading.grade import Plan, grade_folder
from course_utils.grading.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]


def submissions_per_second(how_many: int, jobs: int) -> float:
    """Grade that many submissions, and return how many were graded a second, reports included."""
    with tempfile.TemporaryDirectory() as place, Sandbox() as sandbox:
        folder = Path(place, "class")
        folder.mkdir()
        for number in range(how_many):
            source = ("solutions", "exercises")[number % 2]
            shutil.copy(ROOT / source / "01_sliding_predictors.ipynb", folder / f"{number}.ipynb")
        start = time.perf_counter()
        outcomes = grade_folder(folder, Path(place, "scores"), sandbox, Plan(), jobs)
        seconds = time.perf_counter() - start
    scores = [sum(v.points for v in outcome.verdicts) for outcome in outcomes]
    if sorted(set(scores)) != [0, 15]:
        raise SystemExit(f"expected scores of 0 and 15, got {sorted(set(scores))}")
    return how_many / seconds


if __name__ == "__main__":
    how_many, jobs = [*map(int, sys.argv[1:]), *(100, 2)[len(sys.argv) - 1 :]]
    rate = submissions_per_second(how_many, jobs)
    print(f"{how_many} submissions, {jobs} at a time: {rate:.1f} a second")
