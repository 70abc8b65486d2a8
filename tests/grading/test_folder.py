"""Grading a class: the table, the reports, going on where it stopped, and what the commands say."""

from __future__ import annotations

import csv
import html.parser
import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import attacks
import pytest
from class_folder import (
    END,
    EXERCISE,
    FULL,
    ROOT,
    SOLUTION,
    START,
    answer,
    attack,
    processes_left,
    sources,
    write,
)

from course_utils.grading.__main__ import main
from course_utils.grading.grade import Plan, cases_from, grade_folder, grade_one
from course_utils.grading.report import Outcome, gradescope, rows, scores, summary
from course_utils.grading.sandbox import Sandbox


def grade(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    """Run the command as a teacher does."""
    command = [sys.executable, "-m", "course_utils.grading", "grade", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, **more)


def table(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "scores.csv").read_text(encoding="utf-8"))))


@pytest.fixture
def class_of_four(tmp_path: Path) -> Path:
    """Ada solved it, Ben did not begin, Cem answered one and broke one, Dee handed in an empty file."""
    folder = tmp_path / "class"
    (folder / "ada").mkdir(parents=True)
    shutil.copy(SOLUTION, folder / "ada" / "01.ipynb")
    shutil.copy(EXERCISE, folder / "ben.ipynb")
    flipped = "def slide(x, W, b):\n    return x"
    write(folder / "cem.ipynb", [START, answer("make_windows"), answer("conv1d_kernel"), flipped, END])
    (folder / "dee.ipynb").write_bytes(b"")
    return folder


def test_a_folder_gives_a_table_and_a_report_each(class_of_four: Path, tmp_path: Path):
    out = tmp_path / "scores"
    done = grade(str(class_of_four), "--out", str(out), "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert (out / "scores.csv").read_text(encoding="utf-8").splitlines() == [
        "submission,exercise,score,max_score,status",
        "ada/01.ipynb,ex01,15,15,marked",
        "ben.ipynb,ex01,0,15,marked",
        "cem.ipynb,ex01,2,15,marked",
        "dee.ipynb,,0,0,unreadable: the file is empty",
    ]
    for name in ("ada/01.ipynb", "ben.ipynb", "cem.ipynb", "dee.ipynb"):
        assert {p.name for p in (out / name).iterdir()} == {"report.json", "report.html", "results.json"}
    report = json.loads((out / "cem.ipynb" / "report.json").read_text(encoding="utf-8"))
    assert report["isolated"] is True
    assert [v["code"] for v in report["verdicts"]] == ["right", "shape", *["missing"] * 4]
    page = (out / "cem.ipynb" / "report.html").read_text(encoding="utf-8")
    assert "2 / 15" in page
    assert "shape (" in page
    assert "3 of 4 submissions marked" in done.stdout
    assert "dee.ipynb: unreadable: the file is empty" in done.stdout
    assert "ex01 q1  Cut a series into windows" in done.stdout
    assert "67% right, 33% not begun" in done.stdout
    assert "33% right, 33% not begun, most common error: shape (33%)" in done.stdout
    assert (out / "summary.txt").read_text(encoding="utf-8") in done.stdout


def test_gradescopes_file_has_a_test_for_each_question(class_of_four: Path, tmp_path: Path):
    out, results = tmp_path / "scores", tmp_path / "results.json"
    assert grade(str(class_of_four / "ada"), "--out", str(out), "--gradescope", str(results)).returncode == 0
    data = json.loads(results.read_text(encoding="utf-8"))
    assert data["score"] == FULL
    assert [data["tests"][0][key] for key in ("score", "max_score", "status")] == [2, 2, "passed"]
    assert len(data["tests"]) == 6
    assert data == json.loads((out / "01.ipynb" / "results.json").read_text(encoding="utf-8"))


def test_an_exercise_handed_in_twice_counts_once_for_gradescope(sandbox: Sandbox, tmp_path: Path):
    for name, source in (("a.ipynb", EXERCISE), ("b.ipynb", SOLUTION), ("c.ipynb", SOLUTION)):
        shutil.copy(source, tmp_path / name)
    plan = Plan(limits=sandbox.limits)
    graded = [grade_one(path, path.name, sandbox, plan) for path in sorted(tmp_path.glob("*.ipynb"))]
    data = gradescope(graded)
    assert (data["score"], len(data["tests"])) == (FULL, 6)


def test_a_second_run_marks_only_what_is_new_or_changed(
    sandbox: Sandbox, class_of_four: Path, tmp_path: Path
):
    out, plan = tmp_path / "scores", Plan(limits=sandbox.limits)

    def run(**more) -> list[str]:
        told: list[str] = []
        grade_folder(
            class_of_four, out, sandbox, Plan(**{**vars(plan), **more}), 2, lambda d, t, n: told.append(n)
        )
        return sorted(told[1:])  # the first call tells where it starts from

    assert run() == ["01.ipynb", "ben.ipynb", "cem.ipynb", "dee.ipynb"]
    first = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert run() == []
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == first
    shutil.copy(SOLUTION, class_of_four / "ben.ipynb")
    shutil.copy(SOLUTION, class_of_four / "eve.ipynb")
    (out / "cem.ipynb" / "report.json").write_text('{"half')
    assert run() == ["ben.ipynb", "cem.ipynb", "eve.ipynb"]
    assert [row["score"] for row in table(out)] == ["15", "15", "2", "0", "15"]
    assert run(exercise="ex01") == ["01.ipynb", "ben.ipynb", "cem.ipynb", "dee.ipynb", "eve.ipynb"]


def test_a_fault_of_the_graders_is_a_status_and_marked_again(sandbox: Sandbox, tmp_path: Path, monkeypatch):
    folder, out = tmp_path / "class", tmp_path / "scores"
    folder.mkdir()
    shutil.copy(SOLUTION, folder / "a.ipynb")
    shutil.copy(SOLUTION, folder / "b.ipynb")
    start, calls = sandbox.start, []

    def fails_once(slot, limits):
        calls.append(slot)
        if len(calls) == 1:
            raise OSError("no more processes")
        return start(slot, limits)

    monkeypatch.setattr(sandbox, "start", fails_once)
    plan = Plan(limits=sandbox.limits)
    first = grade_folder(folder, out, sandbox, plan, 1)
    assert sorted(o.status for o in first) == ["failed: OSError: no more processes", "marked"]
    assert [o.status for o in grade_folder(folder, out, sandbox, plan, 1)] == ["marked", "marked"]


def test_a_package_that_is_missing_is_the_teachers_matter_not_the_learners(sandbox, tmp_path, monkeypatch):
    """Without PyTorch a right answer of exercise 4 would fail, and the row would say that it was marked."""
    path = shutil.copy(ROOT / "solutions" / "04_recurrent_network.ipynb", tmp_path)
    installed = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else installed(name)
    )
    outcome = grade_one(Path(path), "04.ipynb", sandbox, Plan(limits=sandbox.limits))
    assert outcome.status == "failed: torch not installed where this is graded; run: pip install torch"
    assert outcome.verdicts == ()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_an_interrupted_run_leaves_no_process_and_goes_on(how: signal.Signals, tmp_path: Path):
    folder, out = tmp_path / "class", tmp_path / "scores"
    folder.mkdir()
    shutil.copy(SOLUTION, folder / "a.ipynb")
    attack(folder / "b.ipynb", "import time\nwhile True: time.sleep(0.01)")
    attack(folder / "c.ipynb", "import time\nwhile True: time.sleep(0.01)")
    shutil.copy(SOLUTION, folder / "d.ipynb")
    command = [
        sys.executable,
        "-m",
        "course_utils.grading",
        "grade",
        str(folder),
        "--out",
        str(out),
        "--jobs",
        "2",
    ]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # tests that were started in the background hand on a SIGINT that is ignored; at a terminal it is not
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for(lambda: (out / "a.ipynb" / "report.json").exists())
    time.sleep(0.3)  # b and c hang now
    assert processes_left(running.pid)
    running.send_signal(how)
    _, said = running.communicate(timeout=20)
    wait_for(lambda: not processes_left(running.pid))
    if how != signal.SIGKILL:
        assert running.returncode == 130
        assert "The same command goes on from here" in said
        assert [row["submission"] for row in table(out)] == ["a.ipynb"]
    for name in ("b", "c"):
        shutil.copy(SOLUTION, folder / f"{name}.ipynb")
    before = (out / "a.ipynb" / "report.json").stat().st_mtime_ns
    assert grade(str(folder), "--out", str(out)).returncode == 0
    assert [row["score"] for row in table(out)] == ["15"] * 4
    assert (out / "a.ipynb" / "report.json").stat().st_mtime_ns == before
    for left in Path("/tmp").glob(f"unrolled-{running.pid}-*"):
        assert how == signal.SIGKILL  # nobody was left to tidy up
        shutil.rmtree(left)


def wait_for(condition, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_one_notebook_prints_the_report_that_a_teacher_would_see():
    done = grade(str(SOLUTION))
    assert done.returncode == 0
    assert "total                              15 / 15" in done.stdout
    assert done.stdout.strip().endswith("isolated: true")
    assert "\033[" not in done.stdout
    done = grade(str(EXERCISE))
    assert "TO DO  q4 · Let it run on its own · 0 of 3 points" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no nowhere"),
        (["solutions"], "say where the scores go, --out scores/"),
        (["solutions", "--out", "x", "--exercise", "ex9"], "there is no exercise 'ex9'; there are: ex01"),
        (["solutions", "--out", "x", "--cases", "nowhere"], "there is no folder nowhere"),
        (["solutions", "--out", "x", "--seed", "zz"], "expected a seed as it stands in a report.json"),
        (["solutions", "--out", "README.md/x"], "The scores cannot be written"),
        (["solutions", "--out", "solutions"], "--out solutions holds the submissions"),
        (["solutions", "--out", "."], "--out . holds the submissions"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], said: str):
    done = grade(*arguments)
    assert done.returncode in (2, 4)
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_further_cases_of_the_teachers_own_count(sandbox: Sandbox, tmp_path: Path):
    cases = tmp_path / "cases"
    cases.mkdir()
    (cases / "ex01_mine.py").write_text(
        "from course_utils.grading.compare import same\n"
        "def helper(): pass\n"
        "def q3_one_value(s, rng):\n"
        "    same(s.receptive_field([1], [1]), 1, 'receptive_field([1], [1])')\n"
        "def q4_no_steps(s, rng):\n"
        "    same(s.free_run([1.0], [2.0], 0.5, 0), [], 'free_run with steps=0')\n"
    )
    further = cases_from(cases)
    assert [name for name, _ in further["ex01"]] == ["q3", "q4"]
    careless = answer("receptive_field").replace("return 1 +", "assert kernels != [1]\n    return 1 +")
    path = write(tmp_path / "a.ipynb", [START, answer("make_windows"), careless, answer("free_run"), END])
    without = grade_one(path, "a", sandbox, Plan(limits=sandbox.limits))
    with_them = grade_one(path, "a", sandbox, Plan(further, limits=sandbox.limits))
    assert [v.passed for v in without.verdicts] == [True, False, True, True, False, False]
    assert [v.code for v in with_them.verdicts][:4] == ["right", "missing", "raised", "right"]


def test_a_case_for_a_question_that_does_not_exist_is_refused(tmp_path: Path):
    (tmp_path / "ex01.py").write_text("def q99_more(s, rng): pass\n")
    with pytest.raises(SystemExit, match="no question 'q99'"):
        cases_from(tmp_path)
    (tmp_path / "ex01.py").unlink()
    with pytest.raises(SystemExit, match="found none"):
        cases_from(tmp_path)


def test_names_of_files_steer_neither_spreadsheet_nor_terminal_nor_page(sandbox: Sandbox, tmp_path: Path):
    folder, out = tmp_path / "class", tmp_path / "scores"
    folder.mkdir()
    names = [
        "=cmd|' C'!A0.ipynb",
        "-1+1.ipynb",
        "@SUM(A1).ipynb",
        "\x1b[2J\u202e.ipynb",
        "a\nb,\"c'.ipynb",
        "<b>.ipynb",
    ]
    for name in names:
        shutil.copy(EXERCISE, folder / name)
    outcomes = grade_folder(folder, out, sandbox, Plan(limits=sandbox.limits), 2)
    assert {o.status for o in outcomes} == {"marked"}
    found = {row["submission"] for row in table(out)}
    assert {"./=cmd|' C'!A0.ipynb", "./-1+1.ipynb", "./@SUM(A1).ipynb", "a\nb,\"c'.ipynb"} <= found
    assert not any(row["submission"][0] in "=+-@" for row in table(out))
    page = (out / "<b>.ipynb" / "report.html").read_text(encoding="utf-8")
    assert "<b>.ipynb" not in page
    assert "&lt;b&gt;.ipynb" in page
    assert "\x1b" not in (out / "\x1b[2J\u202e.ipynb" / "report.html").read_text(encoding="utf-8")


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.seen |= {name for name, _ in attributes}


def test_a_file_name_that_is_no_text_costs_nobody_a_mark(sandbox: Sandbox, tmp_path: Path):
    folder, out = tmp_path / "class", tmp_path / "scores"
    folder.mkdir()
    for name in (b"\xff\xfe.ipynb", b"honest.ipynb", b"x" * 249 + b".ipynb"):
        shutil.copy(SOLUTION, os.path.join(os.fsencode(folder), name))  # noqa: PTH118
    outcomes = grade_folder(folder, out, sandbox, Plan(limits=sandbox.limits), 2)
    assert [sum(v.points for v in o.verdicts) for o in outcomes] == [FULL] * 3
    assert "\ufffd\ufffd.ipynb" in {row["submission"] for row in table(out)}
    assert len(grade_folder(folder, out, sandbox, Plan(limits=sandbox.limits), 2)) == 3


def test_what_a_learner_wrote_steers_neither_report_nor_table(sandbox: Sandbox, tmp_path: Path):
    folder, out = tmp_path / "class", tmp_path / "scores"
    attack(folder / "a.ipynb", attacks.CELLS["what steers terminals and pages"])
    (outcome,) = grade_folder(folder, out, sandbox, Plan(limits=sandbox.limits), 1)
    page = (out / "a.ipynb" / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img", "onerror", "iframe", "a", "href", "src"}
    assert "&lt;script&gt;" in page
    told = [test["output"] for test in gradescope([outcome])["tests"]]
    for text in (page, *told, summary([outcome])):
        assert not any(bad in text for bad in "\x1b\x07\u202e")
    assert max(len(v.line) for v in outcome.verdicts) <= 500


def test_a_notebook_with_several_exercises_has_a_row_for_each():
    from course_utils.grading.questions import Verdict

    verdicts = tuple(Verdict(e, "q1", "T", p, 3, "right") for e, p in (("ex01", 3), ("ex02", 2)))
    outcome = Outcome("a.ipynb", "marked", verdicts)
    assert rows(outcome) == [("a.ipynb", "ex01", 3, 3, "marked"), ("a.ipynb", "ex02", 2, 3, "marked")]
    assert scores([outcome]).splitlines()[2] == "a.ipynb,ex02,2,3,marked"


def test_the_release_command_is_there_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)
    assert main(["release", "--check"]) == 0
    assert "every exercise is what its solution gives" in capsys.readouterr().out


def test_the_solutions_sources_are_what_these_tests_take_them_for():
    assert sum("BEGIN SOLUTION" in source for source in sources(SOLUTION)) == 6
    assert os.path.getsize(EXERCISE) < 16 << 20  # noqa: PTH202
