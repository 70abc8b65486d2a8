"""No attack gains a mark, none costs another submission its own, nothing is left behind or reached."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import attacks
import pytest
from class_folder import (
    FULL,
    PACKAGE,
    Q1_AND_Q3,
    ROOT,
    SOLUTION,
    attack,
    attack_in_free_run,
    files_left,
    processes_left,
    write,
)

from course_utils.grading.grade import Plan, grade_folder, grade_one
from course_utils.grading.process import Limits
from course_utils.grading.report import Outcome
from course_utils.grading.sandbox import Sandbox

NAMES = [*attacks.CELLS, *(f"in free_run: {name}" for name in attacks.IN_FREE_RUN)]


class Listener:
    """Listens on the loopback interface, by TCP and UDP, and on an abstract local socket."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(f"\0unrolled-attack-{self.port}")
        self.local.listen()
        for name, ear in (
            ("tcp", self.tcp.accept),
            ("udp", lambda: self.udp.recv(99)),
            ("local", self.local.accept),
        ):
            threading.Thread(target=self._listen, args=(name, ear), daemon=True).start()

    def _listen(self, name: str, ear) -> None:
        try:
            ear()
            self.heard.append(name)
        except OSError:
            pass

    def close(self) -> None:
        for each in (self.tcp, self.udp, self.local):
            each.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    ears = Listener()
    yield ears
    ears.close()


@pytest.fixture(scope="module")
def outcomes(sandbox: Sandbox, listener: Listener, tmp_path_factory) -> dict[str, Outcome]:
    """All attacks in one folder with honest submissions between them, graded two at a time."""
    folder = tmp_path_factory.mktemp("class")
    for number, name in enumerate(NAMES):
        path = folder / f"{number:03}a.ipynb"
        if name.startswith("in free_run: "):
            attack_in_free_run(path, attacks.IN_FREE_RUN[name.removeprefix("in free_run: ")])
        else:
            attack(path, attacks.CELLS[name], listener.port)
        if number % 4 == 0:
            shutil.copy(SOLUTION, folder / f"{number:03}honest.ipynb")
    graded = grade_folder(folder, folder / "scores", sandbox, Plan(limits=sandbox.limits), jobs=2)
    by_file = {outcome.submission: outcome for outcome in graded}
    named = {name: by_file[f"{number:03}a.ipynb"] for number, name in enumerate(NAMES)}
    return named | {file: outcome for file, outcome in by_file.items() if "honest" in file}


def points(outcome: Outcome) -> int:
    return sum(v.points for v in outcome.verdicts)


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_gains_nothing(name: str, outcomes: dict[str, Outcome]):
    outcome = outcomes[name]
    assert outcome.status == "marked"
    passed = {v.question for v in outcome.verdicts if v.passed}
    assert passed <= {"q1", "q3"}, [v.line for v in outcome.verdicts]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in attacks.HARMS_ITSELF])
def test_an_attack_costs_no_other_question_its_marks(name: str, outcomes: dict[str, Outcome]):
    assert points(outcomes[name]) == Q1_AND_Q3, [(v.code, v.line) for v in outcomes[name].verdicts]


def test_honest_submissions_among_attackers_keep_full_marks(outcomes: dict[str, Outcome]):
    honest = {file: points(outcome) for file, outcome in outcomes.items() if file.endswith("honest.ipynb")}
    assert len(honest) > 10
    assert set(honest.values()) == {FULL}, honest


def test_no_attack_was_heard_outside(outcomes: dict[str, Outcome], listener: Listener):
    assert listener.heard == []


def test_no_attack_left_a_process_or_a_file(outcomes: dict[str, Outcome]):
    assert processes_left() == []
    assert files_left() == []


def test_the_listener_would_have_heard(listener: Listener):
    ears = Listener()
    socket.create_connection(("127.0.0.1", ears.port)).close()
    for _ in range(100):
        if ears.heard:
            break
        threading.Event().wait(0.02)
    ears.close()
    assert ears.heard == ["tcp"]


SEARCH = """
import os
found, files = [], 0
for folder, folders, names in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name != "proc"]
    for name in names:
        path = os.path.join(folder, name)
        if name.endswith((".py", ".pyc", ".ipynb", ".json", ".txt", ".md")) and os.path.isfile(path):
            files += 1
            try:
                data = open(path, "rb").read()
            except OSError:
                continue
            if any(mark in data for mark in (b"from_silence", b"def prepare(x, N, k, n_train")):
                found.append(path)
def free_run(*args):
    raise ValueError(f"{files} files, found {found}")
"""


def test_the_answers_are_in_no_file_that_the_sandbox_holds(tmp_path: Path):
    assert b"from_silence" in (PACKAGE / "grading/exercises/ex01.py").read_bytes()  # the search has a point
    limits = Limits(cell_seconds=400, total_seconds=420)  # it reads every file of the installed packages
    with Sandbox(limits=limits) as box:
        path = write(tmp_path / "search.ipynb", [SEARCH, 'check("ex01", "q4")'])
        outcome = grade_one(path, "search.ipynb", box, Plan(limits=limits))
    (q4,) = [v for v in outcome.verdicts if v.question == "q4"]
    assert "files, found []" in q4.line, q4.line
    count = int(q4.line.split("ValueError: ")[1].split(" files")[0])
    assert count > 1000  # it did look


def test_the_sandbox_shows_the_libraries_and_nothing_of_this_machine(sandbox: Sandbox, tmp_path: Path):
    cell = f"""
import os, pwd
seen = sorted(os.listdir("/"))
places = [{str(ROOT)!r} + "/solutions", {str(ROOT)!r} + "/tests", "/etc/passwd", "/etc/shadow",
          "/home", "/var", "/run", "/sys", "/boot", "/mnt"]
hidden = [place for place in places if os.path.exists(place)]
def free_run(*args):
    raise ValueError(f"{{seen}} {{hidden}} {{os.getuid() != 0}} {{sorted(os.environ)}} {{os.getcwd()}}")
"""
    outcome = grade_one(attack(tmp_path / "look.ipynb", cell), "look", sandbox, Plan(limits=sandbox.limits))
    (q4,) = [v for v in outcome.verdicts if v.question == "q4"]
    assert " [] True " in q4.line, q4.line
    assert "SSH" not in q4.line
    assert "/tmp" in q4.line
