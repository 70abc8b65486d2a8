"""Every question: the solution is right, nothing is wrong with five or more hints, and zeros earn nothing."""

from __future__ import annotations

import importlib
import importlib.util
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from catalogue import Catalogue

from course_utils.grading import answers
from course_utils.grading.questions import Exercise, Names, Question, Verdict, exercise_names, load, mark
from course_utils.grading.release import BEGIN

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(5)  # marking draws its inputs afresh: a diagnosis must not hang on one draw
MORE_SEEDS, FEW_SEEDS = range(50), range(3)  # for the solution; for a question whose function is trained
SLOW = {("ex07", "q9"): range(20)}  # trains a network for some three seconds at each draw


def code_cells(exercise: str) -> list[dict]:
    """Return the code cells of an exercise's solution."""
    (path,) = (ROOT / "solutions").glob(f"{exercise.removeprefix('ex')}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@cache
def solution(exercise: str) -> dict[str, object]:
    """Return the names that the answer cells of an exercise's solution define.

    They are the same for all tests: a solution that remembers what it has trained trains once.
    """
    names: dict[str, object] = {"np": np}
    for cell in code_cells(exercise):
        if BEGIN in "".join(cell["source"]):
            exec("".join(cell["source"]), names)
    return names


def wrong_answers(exercise: str) -> Catalogue:
    """Return an exercise's catalogue, an empty one where it has none: then its own tests fail, not all."""
    if importlib.util.find_spec(f"wrong_{exercise}") is None:
        return Catalogue()
    return importlib.import_module(f"wrong_{exercise}").catalogue


def verdict(exercise: str, question: Question, names: dict[str, object], seed: int = 0) -> Verdict:
    kept: dict[int, object] = {}
    s = Names(lambda request: answers.answer(request, names, kept))
    return mark(exercise, question, s, np.random.default_rng(seed))


EXERCISES: list[Exercise] = [load(name) for name in exercise_names()]
QUESTIONS = [pytest.param(e.name, q, id=f"{e.name}-{q.name}") for e in EXERCISES for q in e.questions]
WRONG = [
    pytest.param(e.name, wrong, id=f"{e.name}-{wrong.question}-{wrong.code}-{number}")
    for e in EXERCISES
    for number, wrong in enumerate(wrong_answers(e.name).answers)
]


@pytest.mark.parametrize(("exercise", "question"), QUESTIONS)
def test_the_solution_is_right_whatever_is_drawn(exercise: str, question: Question):
    names = solution(exercise)
    seeds = FEW_SEEDS if question.training else SLOW.get((exercise, question.name), MORE_SEEDS)
    for seed in seeds:
        assert verdict(exercise, question, names, seed).code == "right", f"seed {seed}"


@pytest.mark.parametrize(("exercise", "wrong"), WRONG)
def test_a_wrong_answer_fails_with_the_hint_meant_for_it(exercise: str, wrong):
    question = load(exercise).question(wrong.question)
    for seed in FEW_SEEDS[:2] if question.training else SEEDS:
        seen = verdict(exercise, question, {**solution(exercise), **wrong.names}, seed)
        assert (seen.code, seen.points) == (wrong.code, wrong.points), f"seed {seed}: {seen.line}"
        assert seen.line
        assert seen.hint == question.hint(wrong.code)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_an_exercise_names_the_packages_that_its_answers_need(exercise: Exercise):
    marked = [c for c in code_cells(exercise.name) if "ungraded" not in c["metadata"].get("tags", [])]
    assert ("torch" in exercise.needs) == any("import torch" in "".join(c["source"]) for c in marked)


@pytest.mark.parametrize(("exercise", "question"), QUESTIONS)
def test_a_question_has_at_least_five_wrong_answers_of_different_kinds(exercise: str, question: Question):
    wrong = wrong_answers(exercise).of(question.name)
    assert len({answer.code for answer in wrong}) >= 5


@pytest.mark.parametrize(("exercise", "question"), QUESTIONS)
def test_every_hint_of_a_question_is_triggered_by_a_wrong_answer(exercise: str, question: Question):
    wrong = wrong_answers(exercise).of(question.name)
    assert set(question.hints) - {"values"} <= {answer.code for answer in wrong}


@pytest.mark.parametrize(("exercise", "question"), QUESTIONS)
@pytest.mark.parametrize("made", [np.zeros, np.ones], ids=["zeros", "ones"])
def test_zeros_or_ones_of_the_right_shape_earn_nothing(exercise: str, question: Question, made):
    def filled(value):
        if isinstance(value, tuple):
            return tuple(map(filled, value))
        return made(np.shape(value))[()]

    def hollow(function):
        if question.training:  # nothing is trained for it: one row for each row that is asked about
            return lambda X, Y, X_new, *_: made((len(X_new), 8))
        return lambda *args: filled(function(*args))

    names = {name: hollow(f) if callable(f) else f for name, f in solution(exercise).items() if name != "np"}
    assert verdict(exercise, question, names).points == 0


@pytest.mark.parametrize(("exercise", "question"), QUESTIONS)
def test_what_is_not_written_is_told_apart_from_what_is_missing(exercise: str, question: Question):
    def stub(*args):
        raise NotImplementedError

    unwritten = {asked.partition("(")[0]: stub for asked in question.asks}
    assert verdict(exercise, question, unwritten).code == "unwritten"
    assert verdict(exercise, question, {}).code == "missing"
