"""The notebooks themselves, run by a real kernel in an empty folder, judged by the table they show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.grading.questions import load

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))


def run(notebook: Path, folder: Path):
    """Return the executed notebook; cells that fail do not stop it."""
    alone = shutil.copy(notebook, folder)
    executed = nbformat.read(alone, as_version=4)
    NotebookClient(
        executed, timeout=300, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    ).execute()
    return executed


def shown_score(notebook) -> tuple[int, int]:
    """Return (points, of how many) from the table that the last code cell shows."""
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    table = last.outputs[0]["data"]["text/plain"]
    points, most = re.search(r"total +(\d+) / (\d+)", table).groups()
    return int(points), int(most)


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_the_solution_scores_full_marks(solution: Path, tmp_path: Path):
    executed = run(solution, tmp_path)
    exercise = load(f"ex{solution.stem[:2]}")
    full = sum(q.points for q in exercise.questions)
    assert shown_score(executed) == (full, full)
    assert not [o for c in executed.cells for o in c.get("outputs", []) if o.output_type == "error"]


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_the_untouched_exercise_scores_nothing(solution: Path, tmp_path: Path):
    executed = run(ROOT / "exercises" / solution.name, tmp_path)
    exercise = load(f"ex{solution.stem[:2]}")
    assert shown_score(executed) == (0, sum(q.points for q in exercise.questions))
    last = [cell for cell in executed.cells if cell.cell_type == "code"][-1]
    assert last.outputs[0]["data"]["text/plain"].count("TO DO") == len(exercise.questions)


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_every_question_states_its_task_its_points_and_a_hint_and_ends_in_its_check(solution: Path):
    exercise = load(f"ex{solution.stem[:2]}")
    cells = nbformat.read(ROOT / "exercises" / solution.name, as_version=4).cells
    sources = [cell.source for cell in cells]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for question in exercise.questions:
        assert f'check("{exercise.name}", "{question.name}")' in sources
        assert f"*{question.points} points.*" in text
        for asked in question.asks:
            assert f"`{asked}`" in text, f"{question.name}: nowhere asks for {asked}"
    assert text.count("<details><summary>First hint</summary>") >= len(exercise.questions)
    assert sources[-1] == f'score("{exercise.name}")'
