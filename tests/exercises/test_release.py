"""exercises/ is what the solutions give, and nothing of an answer is left in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course_utils.grading.__main__ import main
from course_utils.grading.release import ReleaseError, exercise_text, release, without_answers

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_exercises_are_those_that_the_solutions_give():
    assert release(ROOT / "solutions", ROOT / "exercises", check=True) == []


def test_making_an_exercise_twice_gives_the_same_bytes(tmp_path: Path):
    assert release(ROOT / "solutions", tmp_path) == sorted(
        p.name for p in (ROOT / "solutions").glob("*.ipynb")
    )
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert release(ROOT / "solutions", tmp_path) == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_an_exercise_keeps_the_cells_and_loses_the_answers():
    for solution in (ROOT / "solutions").glob("*.ipynb"):
        before = json.loads(solution.read_text(encoding="utf-8"))["cells"]
        after = json.loads(exercise_text(solution))["cells"]
        assert [cell["id"] for cell in after] == [cell["id"] for cell in before]
        for old, new in zip(before, after, strict=True):
            assert new["metadata"] == old["metadata"]  # the tag of cells that are not graded is one of these
            answer = "".join(old["source"])
            if "### BEGIN SOLUTION" in answer:
                inside = answer.split("### BEGIN SOLUTION\n")[1].split("### END SOLUTION")[0]
                assert inside not in "".join(new["source"])
                assert "raise NotImplementedError" in "".join(new["source"])
            else:
                assert "".join(new["source"]) == answer
            assert "SOLUTION" not in "".join(new["source"])
            if new["cell_type"] == "code" and "keep-output" not in new["metadata"].get("tags", []):
                assert new["outputs"] == []


def test_an_answer_becomes_one_line_that_names_its_function():
    cell = (
        "def f(x):\n    '''Say what.'''\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\ny = 1"
    )
    assert without_answers(cell, "here") == (
        "def f(x):\n    '''Say what.'''\n    raise NotImplementedError(\"f is not written yet\")\n\ny = 1"
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def f():\n    ### BEGIN SOLUTION\n    return 1", "without ### END"),
        ("def f():\n    return 1\n    ### END SOLUTION", "without ### BEGIN"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "inside a function"),
    ],
)
def test_markers_that_do_not_fit_are_named_with_their_cell(cell: str, said: str):
    with pytest.raises(ReleaseError, match=f"solution.ipynb, cell 3.*{said}"):
        without_answers(cell, "solution.ipynb, cell 3")


def test_the_command_fails_when_an_exercise_was_edited_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folders = ["--solutions", str(ROOT / "solutions"), "--exercises", str(tmp_path)]
    assert main(["release", *folders]) == 0
    assert main(["release", "--check", *folders]) == 0
    edited = next(tmp_path.iterdir())
    edited.write_text(
        edited.read_text(encoding="utf-8").replace("# Exercise", "# My exercise"), encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["release", "--check", *folders]) == 1
    assert "differs from its solution" in capsys.readouterr().out


def test_an_exercise_without_a_solution_is_named(tmp_path: Path):
    (tmp_path / "99_stray.ipynb").write_text("{}")
    with pytest.raises(ReleaseError, match="99_stray"):
        release(ROOT / "solutions", tmp_path, check=True)
