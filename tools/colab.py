"""Run notebooks as Colab would: with Colab's packages, each from its single file, in an empty folder.

    python tools/colab.py            every chapter, exercise and solution
    python tools/colab.py 01 ex      those whose path contains one of the words

The environment is made once, in _build/colab. The book's helpers are not in it: the notebook's first cell
installs them, from a wheel built here that stands in for the repository's address. Each line says how long
the notebook took, how long until its first figure stood there, and which of its outputs differ from those
stored. In an exercise, what the learner has yet to write may be missing; any other error is a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import sync

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
import forms

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "_build" / "colab"
PYTHON = HOME / "venv" / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-colab.txt"
FOLDERS = ("notebooks", "exercises", "solutions")

# Runs in Colab's environment: one notebook, with the moment of its first figure.
RUNNER = """
import json, sys, time
import nbformat
from nbclient import NotebookClient

path = sys.argv[1]
notebook = nbformat.read(path, as_version=4)
told = {"first figure": None, "error": None}
start = time.perf_counter()

def watch(cell, cell_index, **_):
    if cell.cell_type != "code" or told["first figure"] is not None:
        return
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/svg+xml" in data or "<svg" in str(data.get("text/html", "")) or "%3Csvg" in str(data):
            told["first figure"] = time.perf_counter() - start
            return

client = NotebookClient(notebook, kernel_name="python3", timeout=900, allow_errors=True)
client.on_cell_executed = watch
client.execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.output_type == "error" and output.ename not in sys.argv[2:]:
            told["error"] = told["error"] or f"cell {cell.id}: {output.ename}: {output.evalue}"
told["seconds"] = time.perf_counter() - start
nbformat.write(notebook, path)
print(json.dumps(told))
"""


def run(*command: str | Path, **options: object) -> str:
    """Run a command; return what it printed.

    Raises:
        SystemExit: it failed.
    """
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=alone, **options)
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-3000:]
        raise SystemExit(f"{' '.join(map(str, command))[:300]} failed:\n{said}")
    return done.stdout


def environment() -> None:
    """Make Colab's environment, unless it is there."""
    stamp = HOME / "installed.txt"
    wanted = REQUIREMENTS.read_text("utf-8")
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    print("Installing Colab's packages into _build/colab; the first time takes a minute ...", flush=True)
    shutil.rmtree(HOME, ignore_errors=True)
    venv.create(PYTHON.parents[1], with_pip=True)
    run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS)
    stamp.write_text(wanted, encoding="utf-8")


def wheel() -> Path:
    """Build the helpers as an installed package would come; return the file."""
    shutil.rmtree(HOME / "wheel", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:  # building leaves things beside what is built
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "course_utils", Path(folder, "course_utils"))
        options = ["--disable-pip-version-check", "--no-deps", "-w", HOME / "wheel"]
        run(PYTHON, "-m", "pip", "wheel", *options, folder)
    return next((HOME / "wheel").glob("*.whl"))


def without_helpers() -> None:
    """Take away what a notebook's first cell installs."""
    data = [line.split("==")[0] for line in sync.setup_cell().split('"') if "==" in line]
    run(PYTHON, "-m", "pip", "uninstall", "--disable-pip-version-check", "--yes", "unrolled", *data)


def try_out(path: Path, helpers: Path) -> dict[str, object]:
    """Run one notebook as a stranger would; return how it went."""
    without_helpers()
    notebook = json.loads(path.read_text("utf-8"))
    archive = next(part for part in sync.setup_cell().split('"') if part.endswith(".zip"))
    for cell in notebook["cells"]:
        if cell.get("id") == "setup":
            cell["source"] = "".join(cell["source"]).replace(archive, str(helpers))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_text(json.dumps(notebook), encoding="utf-8")
        unwritten = ["NotImplementedError", "NameError"] if path.parent.name == "exercises" else []
        told = json.loads(run(PYTHON, "-I", "-c", RUNNER, copy, *unwritten, cwd=folder).splitlines()[-1])
        left = sorted(p.name for p in Path(folder).iterdir() if p != copy)
        ran = json.loads(copy.read_text("utf-8"))
    pairs = zip(notebook["cells"], ran["cells"], strict=True)
    differing = [a["id"] for a, b in pairs if not unwritten and a["id"] != "setup" and shown(a) != shown(b)]
    return {**told, "differing": differing, "left": left}


def shown(cell: dict) -> str:
    """Return what a cell says in text: printed lines and values."""
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        found.append(output.get("text", "") or data.get("text/markdown", "") or data.get("text/plain", ""))
    text = "".join("".join(piece) for piece in found)
    return forms.form(text) if forms.TAG in cell["metadata"].get("tags", []) else text


def main() -> int:
    parser = argparse.ArgumentParser(description="Run notebooks as Colab would.")
    parser.add_argument("words", nargs="*", help="only notebooks whose path contains one of these")
    words = parser.parse_args().words
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.ipynb"))
    paths = [p for p in paths if not words or any(w in p.relative_to(ROOT).as_posix() for w in words)]
    if not paths:
        raise SystemExit(f"no notebook's path contains {' or '.join(map(repr, words))}")
    environment()
    helpers, failed = wheel(), 0
    for path in paths:
        told = try_out(path, helpers)
        failed += told["error"] is not None
        figure = "" if told["first figure"] is None else f", first figure after {told['first figure']:.0f} s"
        print(f"{path.relative_to(ROOT)}: {told['seconds']:.0f} s{figure}", end="")
        print(f", differs: {', '.join(told['differing'])}" if told["differing"] else "", end="")
        print(f", left behind: {', '.join(told['left'])}" if told["left"] else "", end="")
        print(f"\n  FAILED: {told['error']}" if told["error"] else "", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
