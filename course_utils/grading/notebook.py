"""``check`` and ``score``, for a learner at work: in a notebook, or in a terminal."""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import Any

import numpy as np

from course_utils.grading import answers
from course_utils.grading.questions import Names, Question, Verdict, load, mark
from course_utils.grading.show import Report, table

SEED = 20_160_101  # fixed: the same answer gets the same line each time; marking draws afresh
_failures: Counter[tuple[str, str]] = Counter()


def check(exercise: str, question: str) -> Report:
    """Check one question against what this notebook defines, and say what is wrong with it.

    Args:
        exercise: for example "ex01".
        question: for example "q2".

    Returns:
        A report that the notebook shows: PASS, FAIL or TO DO, the points, one line about your values, a hint.
        A second failure of the same question may show a stronger hint.

    Raises:
        ValueError: there is no such exercise or question; the message lists those there are.
    """
    names = sys._getframe(1).f_globals
    verdict = _verdict(exercise, load(exercise).question(question), names)
    if not verdict.passed and verdict.code != "unwritten":
        _failures[exercise, question] += 1
    return Report((verdict,))


def score(exercise: str) -> Report:
    """Check all questions of an exercise and return the table of points."""
    names = sys._getframe(1).f_globals
    return table([_verdict(exercise, q, names) for q in load(exercise).questions])


def _verdict(exercise: str, question: Question, names: dict[str, Any]) -> Verdict:
    rng = np.random.default_rng([SEED, *f"{exercise}{question.name}".encode()])
    kept: dict[int, Any] = {}

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        unread = _unread_cell(request["name"], names) if request["on"] is None else None
        return unread or answers.answer(request, names, kept)

    return mark(exercise, question, Names(ask), rng, again=_failures[exercise, question.name] > 0)


def _unread_cell(name: str, names: dict[str, Any]) -> dict[str, Any] | None:
    """Return the syntax error of the newest cell that defines ``name``, if Python could not read that cell.

    Without this, an earlier version of the function would be checked, or the name would just be missing.
    IPython keeps the text of every cell that was run in the list ``In``, those with a syntax error included.
    """
    cells = names.get("In")
    if not isinstance(cells, list):
        return None
    for source in reversed(cells):
        if isinstance(source, str) and re.search(
            rf"^[ \t]*(def|class)[ \t]+{re.escape(name)}\b", source, re.M
        ):
            try:
                compile(source, "<cell>", "exec")
            except SyntaxError as problem:
                return {"error": "syntax", **answers.describe(problem)}
            return None
    return None
