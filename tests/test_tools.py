"""What the two commands say on a machine that lacks something, and what serving and building do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

import bench
import build
import pytest
import serve

from course_utils.grading.report import write_whole

ROOT = Path(__file__).resolve().parents[1]


def command(path: Path, script: str) -> None:
    """Write a program."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a copy of what sets up `.venv`, on a machine that has the usual programs and no Python."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "environment.sh", tmp_path / "tools")
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in (
        "sh",
        "dirname",
        "basename",
        "cat",
        "cksum",
        "cut",
        "grep",
        "head",
        "rm",
        "mkdir",
        "cp",
        "chmod",
    ):
        (programs / name).symlink_to(shutil.which(name))
    return tmp_path


def set_up(
    machine: Path, requirements: str = "requirements-book.txt", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "tools/environment.sh", requirements],
        cwd=machine,
        env={"PATH": str(machine / "bin"), **environment},
        capture_output=True,
        text=True,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a refused set-up says."""
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert len(said) == 1, done.stderr
    return said[0]


def an_old_python(path: Path) -> None:
    command(path, 'case "$2" in *version_info*) echo 3.9 ;; *) exit 1 ;; esac')


def a_python(path: Path, **replies: str) -> None:
    """Write a Python that really runs, except that some modules reply with a script."""
    cases = "\n".join(f'  *"{word.replace("_", " ")}"*) {script} ;;' for word, script in replies.items())
    command(path, f'case "$*" in\n{cases}\n  *) exec "{sys.executable}" "$@" ;;\nesac')


def test_no_python(machine: Path) -> None:
    assert one_line(set_up(machine)) == (
        "unrolled: Python 3.11, 3.12 or 3.13 is needed; "
        "install one, or name it: make book PYTHON=/path/to/python3.13"
    )


def test_an_old_python_is_named(machine: Path) -> None:
    an_old_python(machine / "bin" / "python3")
    assert "is needed (python3 is 3.9); install one" in one_line(set_up(machine))


def test_an_old_python_that_was_asked_for_is_named(machine: Path) -> None:
    an_old_python(machine / "bin" / "mine")
    assert one_line(set_up(machine, PYTHON="mine")) == (
        "unrolled: PYTHON=mine is Python 3.9; Python 3.11, 3.12 or 3.13 is needed"
    )
    assert "PYTHON=none does not run" in one_line(set_up(machine, PYTHON="none"))


def test_a_python_without_venv_says_what_to_install(machine: Path) -> None:
    a_python(machine / "bin" / "python3", import_venv="exit 1")
    assert "python3 has no venv module; on Debian and Ubuntu: sudo apt install python3." in one_line(
        set_up(machine)
    )


MAKE_VENV = 'mkdir -p .venv/bin; cp "$0" .venv/bin/python; : > .venv/bin/pip; chmod +x .venv/bin/pip'


def test_no_network_is_said(machine: Path) -> None:
    no_network = 'echo "NewConnectionError: Failed to establish a new connection: unreachable"; exit 1'
    a_python(machine / "bin" / "python3", m_venv=MAKE_VENV, pip_install=no_network)
    said = one_line(set_up(machine))
    assert said == (
        "unrolled: could not install requirements-book.txt: no network? pip could not reach the package "
        "index (all of it: .venv/install.log)"
    )


def test_a_stub_of_the_right_name_is_passed_over(machine: Path) -> None:
    command(machine / "bin" / "python3", "echo 'no such version' >&2; exit 127")
    a_python(machine / "bin" / "python3.13", import_venv="exit 1")
    assert "python3.13 has no venv module" in one_line(set_up(machine))


def test_what_is_installed_is_not_installed_again(machine: Path) -> None:
    a_python(machine / "bin" / "python3", m_venv=MAKE_VENV, pip_install="exit 0")
    assert "Installing requirements-book.txt" in set_up(machine).stdout
    again = set_up(machine)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_installing_everything_installs_the_book_too(machine: Path) -> None:
    a_python(machine / "bin" / "python3", m_venv=MAKE_VENV, pip_install="exit 0")
    assert "Installing requirements.txt" in set_up(machine, "requirements.txt").stdout
    assert set_up(machine).stdout == ""


def test_a_changed_list_starts_afresh(machine: Path) -> None:
    a_python(machine / "bin" / "python3", m_venv=MAKE_VENV, pip_install="exit 0")
    set_up(machine)
    left = machine / ".venv" / "left-by-a-package-that-is-not-listed-any-more"
    left.touch()
    with (machine / "requirements-book.txt").open("a") as file:
        file.write("tqdm==4.70.1\n")
    assert "Installing requirements-book.txt" in set_up(machine).stdout
    assert not left.exists()


def test_a_folder_that_cannot_be_written_into_is_named(machine: Path) -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own is closed to other users
        Path(place).chmod(0o755)
        folder = Path(place, "book")
        shutil.copytree(machine, folder, symlinks=True)
        folder.chmod(0o555)
        somebody = {"user": 65534} if os.geteuid() == 0 else {}  # nothing is read-only to root
        done = subprocess.run(
            ["/bin/sh", "tools/environment.sh", "requirements.txt"],
            cwd=folder,
            env={"PATH": str(folder / "bin")},
            capture_output=True,
            text=True,
            **somebody,
        )
        folder.chmod(0o755)
    assert one_line(done).startswith(f"unrolled: cannot write into {folder}: copy the folder")


def test_the_folder_may_have_any_name(machine: Path) -> None:
    folder = machine.rename(machine.with_name("课程 of the book"))
    a_python(folder / "bin" / "python3", m_venv=MAKE_VENV, pip_install="exit 0")
    assert "Installing requirements-book.txt" in set_up(folder).stdout
    assert set_up(folder).stdout == ""


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    wanted = "book serve pdf test run bench exercises sync address ruler seeds timings newest links"
    wanted += " lint clean"
    assert set(wanted.split()) <= set(listed)


# --- writing ------------------------------------------------------------------------------------------------


def test_what_stops_a_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "01_walls.ipynb"
    path.write_text("old")
    for fault in (KeyboardInterrupt(), OSError(28, "No space left on device")):

        def stop(*_: object, fault: BaseException = fault, **__: object) -> None:
            raise fault

        with monkeypatch.context() as broken:
            broken.setattr(Path, "replace", stop)
            with pytest.raises(type(fault)):
                write_whole(path, "new")
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]
    write_whole(path, "new")
    assert path.read_text() == "new"


# --- measuring ----------------------------------------------------------------------------------------------


def test_two_measurements_stand_side_by_side() -> None:
    then = {"notebooks": {"a.ipynb": {"seconds": 100, "verified": "Python 3"}}, "again, s": 4}
    now = {"notebooks": {"a.ipynb": {"seconds": 190, "verified": "Python 3"}}, "again, s": 5, "new": 1.5}
    lines = [line.split() for line in bench.table(now, then).splitlines()[1:]]
    assert lines == [
        ["notebooks:", "a.ipynb:", "seconds", "190", "100", "+90%", "over", "180"],
        ["again,", "s", "5", "4", "+25%"],
        ["new", "1.5"],
    ]


def test_the_fixed_work_runs_in_as_many_processes_as_notebooks_do(tmp_path: Path, monkeypatch) -> None:
    work = "import os, time; open(f'{os.getpid()}', 'w').write(os.environ['OMP_NUM_THREADS']); time.sleep(1)"
    monkeypatch.setattr(bench, "FIXED_WORK", f"import os; os.chdir({str(tmp_path)!r}); {work}")
    assert bench.fixed_work() > 1
    assert [file.read_text() for file in tmp_path.iterdir()] == ["1"] * bench.AT_A_TIME
    monkeypatch.setattr(bench, "FIXED_WORK", "raise OSError('no room')")
    with pytest.raises(SystemExit, match="no room"):
        bench.fixed_work()


def test_what_one_part_has_measured_stays_when_the_next_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs() -> dict:
        raise TimeoutError("a page did not load")

    monkeypatch.setattr(bench, "TARGET", tmp_path / "measured.json")
    monkeypatch.setattr(bench, "PARTS", {"notebooks": lambda: {"all notebooks, s": 600}, "site": hangs})
    with pytest.raises(TimeoutError):
        bench.main([])
    assert bench.last() == {"all notebooks, s": 600}


def test_the_last_measurement_names_no_notebook_that_is_gone() -> None:
    measured = bench.last()["notebooks"]
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert measured and set(measured) <= there, "run `make bench`"


# --- continuous integration ---------------------------------------------------------------------------------


def ci(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `.ci/run` on a machine with a make and an apt-get that only say what they were asked."""
    (machine / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", machine / ".ci")
    (machine / "bin" / "bash").symlink_to(shutil.which("bash"))
    (machine / "bin" / "id").symlink_to(shutil.which("id"))
    for name in ("make", "apt-get", "sudo"):
        command(machine / "bin" / name, f'echo "{name} $*" >> asked')
    return subprocess.run(
        ["bash", ".ci/run"],
        cwd=machine,
        env={"PATH": str(machine / "bin"), **environment},
        capture_output=True,
        text=True,
    )


def test_continuous_integration_installs_what_is_missing(machine: Path) -> None:
    command(machine / "bin" / "bwrap", "exit 0")
    done = ci(machine)
    assert done.returncode == 0, done.stderr
    asked = (machine / "asked").read_text().replace("sudo ", "").splitlines()
    assert asked[-3:] == [
        "apt-get -qq update",
        "apt-get -qq install --yes --no-install-recommends chromium",
        "make test",
    ]


def test_continuous_integration_installs_nothing_that_is_there(machine: Path) -> None:
    for name in ("bwrap", "chromium"):
        command(machine / "bin" / name, "exit 0")
    assert ci(machine).returncode == 0
    assert (machine / "asked").read_text() == "make test\n"


# --- serving ------------------------------------------------------------------------------------------------


def test_serving_is_for_this_machine_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>a book</p>")
    httpd = serve.server(tmp_path)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    host, port = httpd.server_address
    assert host == "127.0.0.1"
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/").read() == b"<p>a book</p>"
    httpd.shutdown()
    httpd.server_close()


def test_serving_nothing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `make book` first"):
        serve.server(tmp_path)


# --- building -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            "reading\n\x1b[91m/a.md:3: WARNING: no such page\x1b[39m\nwriting",
            ["/a.md:3: WARNING: no such page"],
        ),
        (
            "x\nExtension error:\nMathJax is missing\nTraceback (most recent call last):\n  File",
            ["Extension error:\nMathJax is missing"],
        ),
        ("something else", ["something else"]),
    ],
)
def test_a_failed_build_says_why_and_no_more(report: str, said: list[str]) -> None:
    assert build.faults(report) == said


def test_the_continuous_integration_runs_the_readme_s_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert script.rstrip().endswith("exec make test")
    assert "\nmake test " in (ROOT / "README.md").read_text(encoding="utf-8")
