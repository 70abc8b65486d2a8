"""What a learner sees: the words, the numbers worked out from their values, a second hint, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils.grading import check, notebook, score
from course_utils.grading.compare import Wrong, parts, same
from course_utils.grading.questions import Names, load
from course_utils.grading.show import as_html, as_text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch):
    """Each test begins like a new notebook: no names, no failures yet."""
    monkeypatch.setattr(notebook, "_failures", notebook.Counter())
    for name in ("make_windows", "free_run", "receptive_field", "In"):
        globals().pop(name, None)


def define(**names: object) -> None:
    globals().update(names)


def said(got, want, **more) -> tuple[str, str]:
    with pytest.raises(Wrong) as wrong:
        same(got, want, "y", **more)
    return wrong.value.code, wrong.value.line


rng = np.random.default_rng(3)
WANT = rng.standard_normal((3, 5))


@pytest.mark.parametrize(
    ("got", "code", "line"),
    [
        (-WANT, "sign", "wrong sign: every entry is minus the right one"),
        (
            WANT.T,
            "transposed",
            "shape (5, 3), expected (3, 5) = (B, H) with T=7, B=3, H=5: the right values, tr",
        ),
        (WANT.T + 1, "transposed", "looks transposed"),
        (np.stack([WANT, 0 * WANT]), "not_summed", "not summed over one axis"),
        (np.stack([WANT / 7] * 7), "not_summed", "not summed over time, axis 0"),
        (WANT * np.nan, "nan", "NaN or infinity in 15 places"),
        (0 * WANT, "zeros", "zero everywhere"),
        (0 * WANT + 2, "constant", "every entry of `y` is 2"),
        (WANT * 0.25, "scaled", "0.25 times the right one"),
        (WANT + 0.5, "offset", "off by the same +0.5"),
        (WANT[:, ::-1], "reversed", "reverse order along axis 1"),
        (WANT[[1, 0, 2]], "order", "first at [0, 0]"),
        (np.roll(WANT, 1, axis=1), "off_by_one", "one step late along axis 1"),
        (np.roll(WANT, -1, axis=1), "off_by_one", "one step ahead along axis 1"),
        (WANT[:, :-1], "off_by_one", "one column too few"),
        (np.vstack([WANT, WANT[:1]]), "off_by_one", "one row too many"),
        (WANT.astype(np.float32), "dtype", "float32"),
        (WANT.astype(int), "dtype", "whole numbers (int64)"),
        (WANT.reshape(5, 3) + 1, "transposed", "looks transposed"),
        (WANT.ravel(), "shape", "the number of values is right"),
        (
            np.where(np.arange(15).reshape(3, 5) == 7, 9.0, WANT),
            "values",
            "right in 14 of 15 places: first at [1, 2], 9 instead of",
        ),
        (None, "nothing", "is a `return` missing?"),
        ("3", "type", "a text; expected numbers"),
        ([[1, 2], [3]], "type", "expected numbers"),
        (1e300 * WANT, "scaled", "1e+300 times"),
        (np.full((3, 5), 1 + 2j), "constant", "every entry"),
    ],
)
def test_a_wrong_value_is_diagnosed(got, code, line):
    letters = {"T": 7, "B": 3, "H": 5}
    seen, told = said(got, WANT, axes="B, H", letters=letters)
    assert (seen, line in told) == (code, True), told


def test_a_foreseen_mistake_is_told_before_any_guess():
    assert said(WANT * 2, WANT, mistakes={"twice": WANT * 2})[0] == "twice"
    assert said(WANT * 3, WANT, mistakes={"often": [WANT * 2, WANT * 3]})[0] == "often"


def test_right_values_pass_as_a_list_and_in_another_order_of_summing():
    same(WANT.tolist(), WANT, "y")
    same(WANT * (1 + 1e-12), WANT, "y")


def test_numbers_are_compared_as_numbers():
    same(15.0, 15, "n")
    assert said(14, 15) == ("off_by_one", "`y` gives 14, expected 15")
    assert said(-15, 15)[0] == "sign"
    assert said([15], 15)[0] == "shape"


GIVEN = [np.array([1.0, np.nan, np.inf]), np.array([True, False]), np.array([2, 3])]


def learner(change):
    """Return names of which each function is one that may change its argument, and gives back 7."""

    def ask(request):
        change(request["args"][0])
        return {"value": 7, "args": request["args"], "kwargs": {}}

    return Names(ask)


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: given.dtype.name)
def test_an_input_that_is_left_alone_is_not_called_changed(given: np.ndarray):
    assert learner(lambda x: None).f(given) == 7


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: given.dtype.name)
def test_an_input_changed_in_place_is_told(given: np.ndarray):
    def turn(x: np.ndarray) -> None:
        x[0] = not x[0]

    with pytest.raises(Wrong, match="`f` changed its input in place: argument 1"):
        learner(turn).f(given)


def test_several_return_values_are_counted():
    assert parts([1, 2], "a", "b") == [1, 2]
    with pytest.raises(Wrong, match="3 values came back, expected 2: `a`, `b`"):
        parts([1, 2, 3], "a", "b")
    with pytest.raises(Wrong, match="return"):
        parts(None, "a", "b")


def test_check_reads_the_names_of_the_notebook_that_calls_it():
    define(
        make_windows=lambda x, N, k: (
            np.stack([x[i : i + N] for i in range(len(x) - N - k + 1)]),
            x[N - 1 + k :],
        )
    )
    assert as_text(check("ex01", "q1")) == "PASS   q1 · Cut a series into windows · 2 of 2 points"


def test_a_second_failure_shows_a_stronger_hint():
    define(free_run=lambda window, w, b, steps: np.full(steps, w @ window + b))
    first, second = as_text(check("ex01", "q4")), as_text(check("ex01", "q4"))
    assert first.startswith("FAIL   q4 · Let it run on its own · 0 of 3 points\n")
    assert "the forecasts are never fed back" in first
    assert "append the forecast at its end" in second
    assert first.splitlines()[:2] == second.splitlines()[:2]


def test_what_is_not_written_is_no_failure():
    def free_run(*args):
        raise NotImplementedError("free_run is not written yet")

    define(free_run=free_run)
    check("ex01", "q4")
    text = as_text(check("ex01", "q4"))
    assert text.startswith("TO DO  q4")
    assert "`free_run` is not written yet" in text
    assert not notebook._failures


def test_the_learners_own_line_is_shown_and_no_traceback():
    cell = "def free_run(window, w, b, steps):\n    return window[steps + 99]\n"
    names: dict[str, object] = {}
    import linecache

    linecache.cache["<cell 4>"] = (len(cell), None, cell.splitlines(True), "<cell 4>")
    exec(compile(cell, "<cell 4>", "exec"), names)
    define(free_run=names["free_run"])
    text = as_text(check("ex01", "q4"))
    assert "`free_run` raised IndexError" in text
    assert "in line 2 of the cell, `return window[steps + 99]`" in text
    assert "Traceback" not in text
    assert ".py" not in text


def test_a_cell_that_python_cannot_read_is_named_even_when_an_older_version_exists():
    define(free_run=lambda *args: 0, In=["", "def free_run(window):\n    return (window\n"])
    text = as_text(check("ex01", "q4"))
    assert "the cell of `free_run` did not run: SyntaxError" in text
    assert "line 2" in text


def test_a_name_that_is_no_function_is_told():
    define(free_run=3)
    assert "`free_run` is a value of type int, not a function" in as_text(check("ex01", "q4"))


def test_score_shows_a_table_with_the_total():
    lines = as_text(score("ex01")).splitlines()
    assert len(lines) == len(load("ex01").questions) + 1
    assert lines[-1].split() == ["total", "0", "/", "15"]


def test_html_escapes_what_the_learner_wrote_and_reads_without_colour():
    def free_run(*args):
        raise ValueError("<script>alert(1)</script>")

    define(free_run=free_run)
    html = as_html(check("ex01", "q4"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert ">FAIL</span>" in html
    assert "<b>Hint.</b>" in html


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch):
    report = check("ex01", "q4")
    assert "\033[" not in repr(report)
    assert as_text(report, colour=True).startswith("\033[1;31mFAIL\033[0m   q4")


def test_wrong_names_of_exercises_and_questions_list_the_right_ones():
    with pytest.raises(ValueError, match="no exercise 'ex1'; there are: ex01"):
        check("ex1", "q1")
    with pytest.raises(ValueError, match="no question 'q9'; it has q1, q2"):
        check("ex01", "q9")


def test_importing_the_checks_brings_in_nothing_heavier_than_numpy():
    code = (
        "import sys, json, numpy.random; before = set(sys.modules); import course_utils.grading as g;"
        "g.score('ex01'); new = {m.split('.')[0] for m in set(sys.modules) - before};"
        "print(json.dumps(sorted(new - set(sys.stdlib_module_names))))"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(json.loads(seen.stdout)) <= {"course_utils", "numpy"}
