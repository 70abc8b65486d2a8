"""What holds for root holds for a plain user: the attacks once more, and the walls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_folder import ROOT, SOLUTION
from plain_user import UID, as_plain_user

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="these tests are run by a plain user anyway")


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder that the plain user owns, in a place that it can reach (pytest's own is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="plain-user-"))
    os.chown(folder, UID, UID)
    yield folder
    shutil.rmtree(folder)


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = as_plain_user([sys.executable, *arguments])
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)


def test_the_helper_runs_without_rights(own_folder: Path):
    done = run("-c", "import os; print(os.getuid(), os.access('/etc/shadow', os.R_OK))", folder=own_folder)
    assert done.stdout.split() == [str(UID), "False"], done.stderr


def test_a_plain_user_grades_a_folder(own_folder: Path):
    (own_folder / "class").mkdir()
    shutil.copy(SOLUTION, own_folder / "class" / "a.ipynb")
    arguments = ["grade", str(own_folder / "class"), "--out", str(own_folder / "scores")]
    done = run("-m", "course_utils.grading", *arguments, folder=own_folder)
    assert done.returncode == 0, done.stderr
    assert "a.ipynb,ex01,15,15,marked" in (own_folder / "scores" / "scores.csv").read_text()


def test_attacks_and_walls_hold_for_a_plain_user(own_folder: Path):
    tests = ["tests/grading/test_attacks.py", "tests/grading/test_sandbox.py"]
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-o",
        "addopts=",
        f"--basetemp={own_folder / 'base'}",
    ]
    done = run("-m", "pytest", *tests, *options, "-k", "not no_file_that", folder=own_folder)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout.splitlines()[-1]
    assert "failed" not in done.stdout.splitlines()[-1]
