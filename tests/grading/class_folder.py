"""Makes submissions for the grader's tests, and looks for what they may have left behind."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import course_utils

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(course_utils.__file__).resolve().parent
SOLUTION = ROOT / "solutions" / "01_sliding_predictors.ipynb"
EXERCISE = ROOT / "exercises" / "01_sliding_predictors.ipynb"
FULL = 15  # points of exercise 01
Q1_AND_Q3 = 4  # points of the questions that an attacker has answered


def sources(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def answer(name: str) -> str:
    """Return the source of the solution's cell that defines a function."""
    (cell,) = [source for source in sources(SOLUTION) if f"def {name}(" in source and "BEGIN" in source]
    return cell


def write(path: Path, cells: Sequence[str], **metadata: object) -> Path:
    """Write a notebook of code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{k}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": s,
            }
            for k, s in enumerate(cells)
        ],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


START = "import numpy as np\nfrom course_utils.grading import check, score"
END = 'score("ex01")'


def attack(path: Path, cell: str, port: int = 9) -> Path:
    """Write a notebook with right answers to q1 and q3 and an attack between them."""
    cell = cell.replace("PORT", str(port)).replace("ROOT", str(ROOT)).replace("PACKAGE", str(PACKAGE))
    return write(path, [START, answer("make_windows"), cell, answer("receptive_field"), END])


def attack_in_free_run(path: Path, body: str) -> Path:
    return attack(path, f"def free_run(window, w, b, steps):\n    {body}")


def processes_left(grader: int | None = None) -> list[str]:
    """Return what still runs of a grader's submissions: of this process, or of the one with that number."""
    grader = grader or os.getpid()
    users = range(3_000_000_000 + grader * 256, 3_000_000_000 + grader * 256 + 256)
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            owner = place.stat().st_uid
        except OSError:
            continue
        if f"unrolled-{grader}-" in command or owner in users:
            found.append(f"{place.name} {command[:80]}")
    return found


def files_left() -> list[str]:
    """Return the files that an attack managed to leave outside its sandbox."""
    folders = {"/", "/tmp", "/dev/shm", "/var/tmp", str(Path.home()), str(Path.cwd()), str(ROOT), sys.prefix}
    return [str(path) for folder in folders for path in Path(folder).glob("unrolled-attack*")]
