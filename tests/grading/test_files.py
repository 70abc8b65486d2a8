"""Whatever is handed in gets a row that says what became of it, and none of it stops the others."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from class_folder import END, EXERCISE, FULL, Q1_AND_Q3, SOLUTION, START, answer, sources, write

from course_utils.grading.grade import Plan, grade_one, submissions
from course_utils.grading.process import Limits
from course_utils.grading.report import Outcome
from course_utils.grading.sandbox import Sandbox


def graded(path: Path, sandbox: Sandbox, **plan: object) -> Outcome:
    return grade_one(path, path.name, sandbox, Plan(limits=sandbox.limits, **plan))


def points(outcome: Outcome) -> int:
    return sum(v.points for v in outcome.verdicts)


def test_the_solution_gets_full_marks_and_the_untouched_exercise_none(sandbox: Sandbox):
    assert points(graded(SOLUTION, sandbox)) == FULL
    outcome = graded(EXERCISE, sandbox)
    assert points(outcome) == 0
    assert {v.code for v in outcome.verdicts} == {"unwritten"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "unreadable: the file is empty"),
        (b"  \n", "unreadable: the file is empty"),
        (b"{", "unreadable: the file is no notebook"),
        (b"PK\x03\x04 a zip file", "unreadable: the file is no notebook"),
        (b"[]", "unreadable: the file is no notebook"),
        (b'{"cells": 5}', "unreadable: the file is no notebook"),
        (b'{"cells": [5]}', "unreadable: the file is no notebook"),
        (b'{"cells": [{"cell_type": "code"}]}', "unreadable: the file is no notebook"),
        (b'{"worksheets": [{"cells": []}]}', "unreadable: the file is no notebook"),
        (b"[" * 100_000, "unreadable: the file is no notebook"),
        (b'{"cells": ' + b"9" * 10_000 + b"}", "unreadable: the file is no notebook"),
        (b"\xff\xfe" + b"{}", "unreadable: the file is no notebook"),
        (b'{"cells": []}', "no exercise: it calls no check"),
        (b'{"cells": [{"cell_type": [], "source": {}}]}', "no exercise: it calls no check"),
    ],
)
def test_a_file_that_is_no_notebook_says_so(content: bytes, said: str, sandbox: Sandbox, tmp_path: Path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(content)
    outcome = graded(path, sandbox)
    assert outcome.status.startswith(said)
    assert outcome.verdicts == ()


def test_a_file_too_large_is_not_read(sandbox: Sandbox, tmp_path: Path):
    path = tmp_path / "big.ipynb"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    assert "larger than 16 MiB" in graded(path, sandbox).status


def test_a_file_that_cannot_be_opened_says_so(sandbox: Sandbox, tmp_path: Path):
    assert graded(tmp_path / "gone.ipynb", sandbox).status.startswith("unreadable")


def test_an_exercise_that_does_not_exist_is_named(sandbox: Sandbox, tmp_path: Path):
    outcome = graded(write(tmp_path / "a.ipynb", ['check("ex77", "q1")']), sandbox)
    assert outcome.status == "no exercise: it checks ex77, which does not exist"


def test_the_name_the_kernel_and_the_format_do_not_matter(sandbox: Sandbox, tmp_path: Path):
    cells = sources(SOLUTION)
    kernel = {"name": "ir", "display_name": "R", "language": "R"}
    path = write(tmp_path / "final FINAL (2).txt", cells, kernelspec=kernel, language_info={"name": "R"})
    assert points(graded(path, sandbox)) == FULL
    bare = {"cells": [{"cell_type": "code", "source": source.splitlines(True)} for source in cells]}
    (tmp_path / "bare.ipynb").write_text(json.dumps(bare), encoding="utf-8")
    assert points(graded(tmp_path / "bare.ipynb", sandbox)) == FULL


def test_a_notebook_without_checks_can_be_graded_by_naming_the_exercise(sandbox: Sandbox, tmp_path: Path):
    path = write(tmp_path / "a.ipynb", ["import numpy as np", answer("make_windows")])
    assert graded(path, sandbox).status == "no exercise: it calls no check"
    assert points(graded(path, sandbox, exercise="ex01")) == 2


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        "x",
        5,
        {"tags": None},
        {"tags": 5},
        {"tags": [[], {}]},
        {"tags": "ungraded"},
        {"deletable": []},
    ],
)
def test_edited_cell_metadata_gains_nothing_and_breaks_nothing(
    metadata: object, sandbox: Sandbox, tmp_path: Path
):
    notebook = json.loads(EXERCISE.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["metadata"] = metadata
        if "def make_windows" in "".join(cell["source"]):
            cell["source"] = answer("make_windows")
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert points(graded(path, sandbox)) == 2


def test_cells_with_the_tag_are_not_run(sandbox: Sandbox, tmp_path: Path):
    path = write(tmp_path / "a.ipynb", [START, answer("make_windows"), "make_windows = None", END])
    assert points(graded(path, sandbox)) == 0
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][2]["metadata"]["tags"] = ["ungraded"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert points(graded(path, sandbox)) == 2


def test_magic_lines_do_not_cost_the_cell(sandbox: Sandbox, tmp_path: Path):
    cells = [
        "%matplotlib inline\n!pip install x\nimport numpy as np",
        "%%time\n" + answer("make_windows"),
        END,
    ]
    assert points(graded(write(tmp_path / "a.ipynb", cells), sandbox)) == 2


def test_a_cell_that_fails_is_told_where_its_function_is_missing(sandbox: Sandbox, tmp_path: Path):
    failing = "y = undefined\n" + answer("free_run")
    unreadable = "def slide(x, W, b:\n    return x"
    older = answer("receptive_field")
    newer = "def receptive_field(kernels, dilations)\n    return 0"
    path = write(tmp_path / "a.ipynb", [START, failing, unreadable, older, newer, "def f(): pass", END])
    verdicts = {v.question: v for v in graded(path, sandbox).verdicts}
    assert verdicts["q4"].code == "cell"
    assert (
        "NameError: name 'undefined' is not defined, in line 1 of the cell, `y = undefined`"
        in verdicts["q4"].line
    )
    assert verdicts["q3"].code == "syntax"
    assert "SyntaxError" in verdicts["q3"].line


def test_a_worker_that_dies_is_replaced_and_the_notebook_run_again(sandbox: Sandbox, tmp_path: Path):
    deadly = "def free_run(*args):\n    import os; os._exit(1)"
    cells = [
        START,
        answer("make_windows"),
        deadly,
        answer("receptive_field"),
        answer("impulse_response"),
        END,
    ]
    verdicts = {v.question: v for v in graded(write(tmp_path / "a.ipynb", cells), sandbox).verdicts}
    assert verdicts["q4"].code == "died"
    assert [verdicts[q].passed for q in ("q1", "q3", "q6")] == [True, True, True]


def test_many_deadly_cells_end_within_the_time_there_is(sandbox: Sandbox, tmp_path: Path):
    cells = [START, answer("make_windows"), *["import os; os._exit(1)"] * 500, answer("receptive_field"), END]
    outcome = graded(write(tmp_path / "a.ipynb", cells), sandbox)
    assert outcome.status == "marked"
    assert outcome.seconds < sandbox.limits.total_seconds


def test_many_hanging_cells_end_within_the_time_there_is(tmp_path: Path):
    cells = [START, answer("make_windows"), *["while True: pass"] * 20, answer("receptive_field"), END]
    with Sandbox(limits=Limits(cell_seconds=1, total_seconds=4)) as short:
        outcome = graded(write(tmp_path / "a.ipynb", cells), short)
    assert outcome.seconds < 8
    assert points(outcome) == 0
    assert "was not reached within 4 s" in outcome.verdicts[0].line


def test_the_same_seed_draws_the_same_inputs_and_no_seed_draws_others(sandbox: Sandbox, tmp_path: Path):
    told = "def free_run(window, w, b, steps):\n    raise ValueError(repr(float(window[0])))"
    path = write(tmp_path / "a.ipynb", [START, told, END])
    first, second = graded(path, sandbox), graded(path, sandbox)
    assert first.verdicts[3].line != second.verdicts[3].line
    assert graded(path, sandbox, seed=first.seed).verdicts == first.verdicts


def test_links_hidden_files_and_other_files_are_no_submissions(tmp_path: Path):
    for name in (
        "a.ipynb",
        "B.IPYNB",
        "sub/c.ipynb",
        ".hidden.ipynb",
        ".ipynb_checkpoints/a.ipynb",
        "__MACOSX/a.ipynb",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(SOLUTION, tmp_path / name)
    (tmp_path / "renamed.txt").write_bytes(SOLUTION.read_bytes())
    (tmp_path / "essay.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "link.ipynb").symlink_to(SOLUTION)
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.ipynb")
    found = [path.relative_to(tmp_path).as_posix() for path in submissions(tmp_path)]
    assert found == ["B.IPYNB", "a.ipynb", "renamed.txt", "sub/c.ipynb"]


def test_what_a_notebook_defines_as_a_class_can_be_asked_through_a_handle(sandbox: Sandbox):
    from course_utils.grading.questions import Names
    from course_utils.grading.submission import Cell, Run

    cell = (
        "class Counter:\n    def __init__(self, start): self.h = start\n"
        "    def step(self, x): self.h += x; return self.h"
    )
    with Run([Cell(1, cell)], sandbox, 0, sandbox.limits) as run:
        s = Names(run.ask)
        counter, other = s.Counter.keep(3), s.Counter.keep(10)
        assert counter.step(4) == 7
        assert (counter["h"], other["h"]) == (7, 10)


def test_an_object_does_not_outlive_its_worker_and_cannot_be_made_up(sandbox: Sandbox):
    from course_utils.grading.compare import Wrong
    from course_utils.grading.questions import Names
    from course_utils.grading.submission import Cell, Run

    cell = "class A:\n    x = 1\n    def end(self): import os; os._exit(0)"
    with Run([Cell(1, cell)], sandbox, 0, sandbox.limits) as run:
        s = Names(run.ask)
        a = s.A.keep()
        assert a["x"] == 1
        with pytest.raises(Wrong, match="ended the Python"):
            a.end()
        with pytest.raises(Wrong, match="object that is gone"):
            a["x"]
        with pytest.raises(Wrong, match="object that is gone"):
            Names(run.ask, 12)["x"]


def test_right_answers_beside_q1_and_q3_are_worth_what_the_attack_tests_say(sandbox: Sandbox, tmp_path: Path):
    cells = [START, answer("make_windows"), answer("receptive_field"), END]
    assert points(graded(write(tmp_path / "a.ipynb", cells), sandbox)) == Q1_AND_Q3
