"""What the page for teachers shows works as it stands there."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest
from class_folder import ROOT

from course_utils.grading import answers
from course_utils.grading.questions import Names, Question, exercise_names, load, mark

sys.path.insert(0, str(ROOT / "tests" / "exercises"))
PAGE = (ROOT / "book" / "for_teachers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


def block(word: str) -> dict[str, object]:
    (source,) = [source for source in BLOCKS if word in source]
    names: dict[str, object] = {"__name__": "page"}
    exec(source, names)
    return names


def verdict(question: Question, **names: object):
    s = Names(lambda request: answers.answer(request, names, {}))
    return mark("ex", question, s, np.random.default_rng(0))


def test_the_question_shown_marks_as_the_page_says():
    q1 = block("@question")["q1"]
    catalogue = block("Catalogue()")["catalogue"]
    assert verdict(q1, time_mean=lambda X: X.mean(axis=0)).points == 1
    (wrong,) = catalogue.of("q1")
    seen = verdict(q1, **wrong.names)
    assert (seen.code, seen.hint) == ("over_batch", "You took the mean over the batch.")
    assert q1.hint("over_batch", again=True).startswith("Time is the first axis")
    assert verdict(q1, time_mean=lambda X: -X.mean(axis=0)).code == "sign"
    assert verdict(q1, time_mean=lambda X: X / 7).code == "not_summed"
    assert "not summed over time" in verdict(q1, time_mean=lambda X: X / 7).line


def test_the_further_case_shown_holds_for_right_answers():
    case = block("q3_a_kernel")["q3_a_kernel_of_one_sees_one_value"]
    right = {"receptive_field": lambda n, d: 1 + sum((a - 1) * b for a, b in zip(n, d, strict=True))}
    case(Names(lambda request: answers.answer(request, right, {})), np.random.default_rng(0))


@pytest.mark.parametrize(
    "word", ["scores.csv", "summary.txt", "--cases", "--seed", "--jobs", "isolated: false"]
)
def test_the_page_names_what_there_is(word: str):
    assert word in PAGE


def test_every_exercise_the_package_has_can_be_loaded():
    assert [load(name).name for name in exercise_names()] == exercise_names()
