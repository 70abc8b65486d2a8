"""The walls: what a submission finds when it pushes against them, and what is said where there are none."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from class_folder import ROOT, SOLUTION, attack, processes_left

import course_utils
from course_utils.grading import seccomp
from course_utils.grading.grade import Plan, grade_folder, grade_one
from course_utils.grading.process import Limits
from course_utils.grading.sandbox import Sandbox, SandboxError

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users")


def seen_inside(sandbox: Sandbox, tmp_path: Path, code: str) -> str:
    """Run a cell that leaves what it saw in `seen`, and return that."""
    cell = f"{code}\ndef free_run(*args):\n    raise ValueError(repr(seen))"
    outcome = grade_one(attack(tmp_path / "a.ipynb", cell), "a", sandbox, Plan(limits=sandbox.limits))
    line = outcome.verdicts[3].line
    assert "ValueError: " in line, line
    return line.split("ValueError: ")[1].split(", in line")[0]


CLONE = 56 if platform.machine() == "x86_64" else 220
CALL = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "import os\ntry: seen = os.memfd_create('x')\nexcept OSError as e: seen = e.strerror",
            "'Operation not permitted'",
            id="files without a name",
        ),
        pytest.param(
            f"{CALL}seen = libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600), libc.semget(0, 1, 0o1600)",
            "(-1, -1, -1)",
            id="shared segments",
        ),
        pytest.param(f"{CALL}seen = libc.unshare(0x10000000)", "-1", id="user namespace by unshare"),
        pytest.param(
            f"{CALL}seen = libc.syscall({CLONE}, 0x10000011, 0, 0, 0, 0)",
            "-1",
            id="user namespace by clone",
        ),
        pytest.param(f"{CALL}seen = libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)", "-1", id="mount"),
        pytest.param(
            f"{CALL}import os\nseen = [libc.ptrace(16, pid, 0, 0) for pid in (1, os.getppid())]",
            "[-1, -1]",
            id="ptrace",
        ),
        pytest.param(
            "import socket\nseen = [name for _, name in socket.if_nameindex()]", "['lo']", id="network"
        ),
        pytest.param(
            "import os\nchildren = []\n"
            "try:\n"
            "    for _ in range(1000):\n"
            "        pid = os.fork()\n"
            "        if pid == 0: os.pause() if hasattr(os, 'pause') else __import__('signal').pause()\n"
            "        children.append(pid)\n"
            "except OSError as e: pass\n"
            "seen = len(children) < 16\n"
            "for pid in children: os.kill(pid, 9)",
            "True",
            id="number of processes",
        ),
        pytest.param(
            "import numpy as np\ntry: seen = np.ones(2**28).nbytes\nexcept MemoryError: seen = 'refused'",
            "'refused'",
            id="address space",
        ),
        pytest.param(
            "import os\nwritten = 0\n"
            "for folder in ('/tmp', '/dev/shm'):\n"
            "    for k in range(5):\n"
            "        try:\n"
            "            with open(f'{folder}/unrolled-attack-{k}', 'wb', buffering=0) as file:\n"
            "                while True: written += file.write(b'x' * 2**16)\n"
            "        except OSError: pass\n"
            "seen = written <= 2 * 2**26",
            "True",
            id="disk",
        ),
        pytest.param(
            "import os\nseen = []\n"
            "for folder, below, _ in os.walk('/'):\n"
            "    if folder in ('/proc', '/tmp', '/dev/shm') or folder.count('/') > 3: below.clear()\n"
            "    elif os.access(folder, os.W_OK): seen.append(folder)",
            "[]",
            id="folders to write to",
        ),
        pytest.param(
            "import os\nplaces = '/etc/passwd', '/home', '/run', '/sys'\n"
            "seen = os.getuid() != 0, [p for p in places if os.path.exists(p)]",
            "(True, [])",
            id="who and where",
        ),
        pytest.param(
            "seen = [line.split()[1] for line in open('/proc/self/status')\n"
            "        if line.startswith(('CapEff', 'CapPrm', 'CapAmb', 'NoNewPrivs', 'Seccomp:'))]",
            "['0000000000000000', '0000000000000000', '0000000000000000', '1', '2']",
            id="capabilities",
        ),
        pytest.param(
            "import os\nseen = len([p for p in os.listdir('/proc') if p.isdigit()]) <= 3",
            "True",
            id="other processes",
        ),
        pytest.param(
            "import os\nseen = sorted(k for k in os.environ if k not in ('PWD', 'LC_CTYPE'))",
            "['HOME', 'LANG', 'MKL_NUM_THREADS', 'MPLBACKEND', 'MPLCONFIGDIR', 'OMP_NUM_THREADS', "
            "'OPENBLAS_NUM_THREADS']",
            id="environment",
        ),
        pytest.param(
            "import course_utils.palette, course_utils.grading as g, os\n"
            "folder = os.path.dirname(g.__file__)\n"
            "seen = course_utils.palette.LIGHT['surface'], sorted(os.listdir(folder))",
            "('#ffffff', ['__init__.py', '__pycache__'])",
            id="the book's own library, without the checks",
        ),
    ],
)
def test_pushing_against_the_walls(code: str, expected: str, sandbox: Sandbox, tmp_path: Path):
    assert seen_inside(sandbox, tmp_path, code) == expected


def test_the_memory_of_all_processes_together_is_limited(sandbox: Sandbox, tmp_path: Path):
    cell = """
def free_run(*args):
    import os, time
    for _ in range(8):
        if os.fork() == 0:
            hoard = bytearray(2**29)
            for k in range(0, len(hoard), 4096): hoard[k] = 1
            time.sleep(60)
    time.sleep(60)
"""
    narrow = Limits(call_seconds=20, memory=1 << 30)
    with Sandbox(limits=narrow) as box:
        outcome = grade_one(attack(tmp_path / "a.ipynb", cell), "a", box, Plan(limits=narrow))
    assert "took more memory than there is for it" in outcome.verdicts[3].line
    assert [v.passed for v in outcome.verdicts] == [True, False, True, False, False, False]


def test_the_filter_is_a_program_that_ends_on_every_path():
    for machine, (_, architecture) in seccomp.ARCHITECTURES.items():
        steps = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
        assert steps[1] == (seccomp.EQUAL, 1, 0, architecture)
        assert steps[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)
        for at, (code, yes, no, _) in enumerate(steps):
            if code in (seccomp.EQUAL, seccomp.AT_LEAST, seccomp.ANY_BIT):
                assert at + 1 + max(yes, no) < len(steps)
    with pytest.raises(seccomp.UnknownProcessor, match="riscv64"):
        seccomp.program("riscv64")


@pytest.fixture
def without_bwrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine where bubblewrap is not installed; a folder whose programs are found."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def grade(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "course_utils.grading", "grade", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_without_bubblewrap_others_work_is_not_graded(without_bwrap: Path, tmp_path: Path):
    done = grade("exercises", "--out", str(tmp_path / "scores"))
    assert done.returncode == 3
    assert done.stderr.startswith("Nobody was graded. bubblewrap")
    assert "apt-get install bubblewrap" in done.stderr
    assert not (tmp_path / "scores").exists()


def test_without_bubblewrap_a_learner_still_gets_a_report(without_bwrap: Path):
    done = grade(str(SOLUTION))
    assert done.returncode == 0
    assert "15 / 15" in done.stdout
    assert "isolated: false" in done.stdout
    assert "good for a look at one's own work, not for marks" in done.stdout
    assert "apt-get install bubblewrap" in done.stderr


def test_a_results_file_for_marks_is_not_written_without_a_sandbox(without_bwrap: Path, tmp_path: Path):
    done = grade(str(SOLUTION), "--gradescope", str(tmp_path / "results.json"))
    assert done.returncode == 3
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        ("bwrap: Unknown option --size", "version 0.7 or newer is needed"),
        ("bwrap: No permissions to create new namespace", "No permissions to create new namespace"),
    ],
)
def test_a_bubblewrap_that_is_not_permitted_or_too_old_is_said(
    complaint: str, said: str, without_bwrap: Path, tmp_path: Path
):
    fake = without_bwrap / "bwrap"
    fake.write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit 1\n")
    fake.chmod(fake.stat().st_mode | stat.S_IEXEC)
    done = grade("exercises", "--out", str(tmp_path / "scores"))
    assert done.returncode == 3
    assert "Nobody was graded. bubblewrap is installed but no sandbox can be made" in done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_sandbox_that_is_open_stops_the_run_before_anyone_is_marked(without_bwrap: Path, tmp_path: Path):
    """A "bubblewrap" that builds no walls at all: it runs what stands behind the double dash."""
    fake = without_bwrap / "bwrap"
    fake.write_text(
        f"#!{sys.executable}\nimport os, sys\ncommand = sys.argv[sys.argv.index('--') + 1 :]\n"
        "library = sys.argv[sys.argv.index('/unrolled') - 1]\n"
        "os.execv(command[0], [word.replace('/unrolled', library) for word in command])\n"
    )
    fake.chmod(fake.stat().st_mode | stat.S_IEXEC)
    done = grade("exercises", "--out", str(tmp_path / "scores"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert not (tmp_path / "scores").exists()
    if os.access(ROOT, os.R_OK) and os.geteuid() != 0:
        assert "the sandbox was tried and is open: it can read" in done.stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("--unshare-net", "it has a network"),
        ("--seccomp", "it can make a user namespace"),
        ("--ro-bind", "it can read"),
    ],
)
def test_every_hole_in_the_walls_is_found_by_the_trial(word: str, said: str, monkeypatch: pytest.MonkeyPatch):
    """Bubblewrap with one of its walls left out."""
    walls = Sandbox._bubblewrap

    def with_a_hole(self: Sandbox, *arguments: object) -> list[str]:
        command = walls(self, *arguments)
        if word == "--ro-bind":
            package = Path(course_utils.__file__).parent
            open_way = [
                word
                for folder in reversed(package.parents[:-1])
                for word in ("--perms", "0755", "--dir", str(folder))
            ]
            at = command.index("--remount-ro")
            return [*command[:at], *open_way, "--ro-bind", str(package), str(package), *command[at:]]
        at = command.index(word)
        return command[:at] + command[at + (2 if word == "--seccomp" else 1) :]

    monkeypatch.setattr(Sandbox, "_bubblewrap", with_a_hole)
    with pytest.raises(SandboxError, match=f"is open: .*{said}"):
        Sandbox()


def test_an_installed_copy_of_the_book_is_hidden_too(tmp_path: Path):
    """As after a plain ``pip install``: the checks lie among the packages that the sandbox shows."""
    place = Path(tempfile.mkdtemp(prefix="installed-"))
    place.chmod(0o755)
    site = place / "lib" / "site-packages"
    shutil.copytree(Path(course_utils.__file__).parent, site / "course_utils")
    look = f"import os\nseen = os.listdir({str(site)!r}), os.listdir({str(site / 'course_utils')!r})"
    cell = f"{look}\ndef free_run(*args):\n    raise ValueError(repr(seen))"
    notebook = attack(tmp_path / "a.ipynb", cell)
    command = [sys.executable, "-m", "course_utils.grading", "grade", str(notebook)]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=place, env=environment, timeout=60)
    shutil.rmtree(place)
    assert "ValueError: (['course_utils'], [])" in done.stdout, done.stdout + done.stderr
    assert "isolated: true" in done.stdout


def test_torch_works_inside_with_the_limits_it_needs(tmp_path: Path):
    pytest.importorskip("torch")
    limits = Limits(call_seconds=60, cell_seconds=60, memory=8 << 30, processes=64)
    cell = """
import torch
def free_run(window, w, b, steps):
    window, out = torch.tensor(window), []
    w = torch.tensor(w, requires_grad=True)
    for _ in range(steps):
        out.append(w @ window + b)
        window = torch.cat([window[1:], out[-1][None]])
    return torch.stack(out)
"""
    with Sandbox(limits=limits) as box:
        outcome = grade_one(attack(tmp_path / "a.ipynb", cell), "a", box, Plan(limits=limits))
    assert outcome.verdicts[3].code == "right", outcome.verdicts[3].line


def test_a_submission_cannot_make_the_next_one_different(sandbox: Sandbox, tmp_path: Path):
    folder = tmp_path / "class"
    stay = """
import os, sys
for place in ("/tmp", "/dev/shm", "/unrolled", "/unrolled/course_utils", os.path.dirname(os.__file__), "."):
    for name in ("numpy.py", "answers.py", "sitecustomize.py", "unrolled-attack"):
        try: open(os.path.join(place, name), "w").write("raise SystemExit")
        except OSError: pass
"""
    attack(folder / "a.ipynb", stay)
    shutil.copy(SOLUTION, folder / "b.ipynb")
    attack(folder / "c.ipynb", "import os\nif os.listdir('/tmp') or os.listdir('/dev/shm'): os._exit(1)")
    outcomes = grade_folder(folder, tmp_path / "scores", sandbox, Plan(limits=sandbox.limits), 1)
    assert [sum(v.points for v in o.verdicts) for o in outcomes] == [4, 15, 4]


@ROOT_ONLY
def test_as_a_user_of_its_own_a_submission_must_not_be_able_to_read_the_answers(tmp_path: Path):
    for folder in (ROOT, *ROOT.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            pytest.skip("the book's folder is closed to others already")
    with pytest.raises(SandboxError, match=r"can read|did not start"):
        Sandbox("user")


def test_nothing_is_left_when_a_sandbox_is_closed(tmp_path: Path):
    with Sandbox() as box:
        folder = box.library.parent
        worker = box.start(0, box.limits)
        assert folder.exists()
        assert processes_left()
        box.stop_all()
        worker.stop()
    assert not folder.exists()
    assert not processes_left()
