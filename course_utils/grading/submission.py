"""A submission: what its file holds, and its notebook at work in the sandbox."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.grading.process import Limits, Stopped, Worker
from course_utils.grading.questions import Ask, Case, Exercise, Names, Training, Verdict, mark
from course_utils.grading.sandbox import Sandbox
from course_utils.grading.wire import Garbled

LARGEST = 16 << 20  # bytes of a notebook file
UNGRADED = "ungraded"  # the tag of cells that are not run when marking: figures, long training
MOST_RESTARTS = 8


class Unreadable(Exception):
    """The file is no notebook; the message says what it is."""


@dataclass(frozen=True)
class Cell:
    """One code cell, numbered as a reader counts them: the first is 1."""

    number: int
    source: str


def read(path: Path) -> list[Cell]:
    """Return the code cells to run, whatever kernel or format version the file names.

    Raises:
        Unreadable: not a notebook, or larger than 16 MiB.
    """
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST >> 20} MiB: clear the outputs and hand in again")
    data = path.read_bytes()
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        cells = json.loads(data.decode("utf-8"))["cells"]
        found = [(cell["cell_type"], cell["source"], cell.get("metadata", {})) for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Unreadable(f"the file is no notebook ({type(problem).__name__})") from None
    code = [(_text(source), _tags(metadata)) for kind, source, metadata in found if kind == "code"]
    return [Cell(k, source) for k, (source, tags) in enumerate(code, 1) if UNGRADED not in tags]


def exercises_in(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the exercises whose checks the cells call: the file's own name does not matter."""
    text = "\n".join(cell.source for cell in cells)
    return sorted(set(re.findall(r"\b(?:check|score)\s*\(\s*[\"'](\w{1,40})[\"']", text)))


def _text(source: Any) -> str:
    return (
        source if isinstance(source, str) else "".join(map(str, source if isinstance(source, list) else ()))
    )


def _tags(metadata: Any) -> list[Any]:
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def mark_exercise(
    cells: Sequence[Cell],
    exercise: Exercise,
    sandbox: Sandbox,
    slot: int,
    seed: int,
    further: Sequence[tuple[str, Case]] = (),
) -> list[Verdict]:
    """Run the cells in the sandbox, ask for every question's functions, compare, and return the verdicts.

    Args:
        slot: see ``Sandbox.start``.
        seed: for drawing the inputs; nobody but the grader may know it beforehand.
        further: the teacher's own cases: (name of a question, case).
    """
    limits = Limits(**{**vars(sandbox.limits), **exercise.limits})
    with Run(cells, sandbox, slot, limits) as run:
        verdicts = []
        for number, question in enumerate(exercise.questions):
            rng = np.random.default_rng([seed, number])
            cases = [case for name, case in further if name == question.name]
            ask = _ask(run, question.training, cells, sandbox.walls)
            verdicts.append(mark(exercise.name, question, Names(ask), rng, cases))
        return verdicts


def _ask(run: Run, training: Training | None, cells: Sequence[Cell], walls: str) -> Ask:
    """Return how a question's functions are asked: as all are, with time to train, or not at all."""
    if training is None:
        return run.ask
    size = sum(len(cell.source.encode("utf-8", "replace")) for cell in cells)
    if size > training.most_code:
        told = f"was not asked: the code cells hold {size:,} bytes, {training.most_code:,} are the most"
        return lambda request: {"error": "too_long", "message": told}
    if walls == "user":  # another user, but the same packages
        told = "was not asked: in this place a submission could read the answers"
        return lambda request: {"error": "readable", "message": told}
    return partial(run.ask, seconds=training.seconds)


class Run:
    """A notebook at work: its cells are run by a worker, and again by a new one when that dies."""

    def __init__(self, cells: Sequence[Cell], sandbox: Sandbox, slot: int, limits: Limits) -> None:
        self._cells = cells
        self._sandbox = sandbox
        self._slot = slot
        self._limits = limits
        self._worker: Worker | None = None
        self._failed: dict[int, dict[str, Any]] = {}  # number of a cell → what became of it
        self._fatal: set[int] = set()  # cells that took a worker with them, and are not run again
        self._restarts = -1
        self._end = time.monotonic() + limits.total_seconds
        self._kept: set[int] = set()  # numbers of the objects that live in this worker

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def ask(self, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Carry a case's request to the notebook's names and return the reply, whatever it did.

        Args:
            seconds: the call may take; None for the exercise's limit.
        """
        try:
            worker = self._ready_worker()
            if request["on"] is not None and request["on"] not in self._kept:
                return {"error": "died", "message": "belongs to an object that is gone"}
            if request["on"] is None and (unread := self._unread(request["name"])):
                return unread
            most = self._seconds(seconds or self._limits.call_seconds)
            reply = worker.send({"do": "ask", "request": request}, most)
        except Garbled as problem:
            return {"error": "type", "message": f"was to be given what {problem}"}
        except Stopped as stopped:
            self._drop()
            return {"error": stopped.kind, "message": str(stopped)}
        if request.get("keep") and type(reply.get("value")) is int:
            self._kept.add(reply["value"])
        if reply.get("error") == "missing":
            return self._stopped_before(request["name"]) or reply
        return reply

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
        self._worker, self._kept = None, set()

    def _ready_worker(self) -> Worker:
        while self._worker is None:
            self._restarts += 1
            if self._restarts > MOST_RESTARTS:
                raise Stopped("died", f"was not reached: the Python that runs it ended {MOST_RESTARTS} times")
            self._worker = self._sandbox.start(self._slot, self._limits)
            for cell in self._cells:
                if cell.number not in self._fatal:
                    self._run(cell)
                if self._worker is None:
                    break
        return self._worker

    def _run(self, cell: Cell) -> None:
        """Run one cell, and note what became of it. A cell that takes the worker with it is not run again."""
        self._failed.pop(cell.number, None)
        seconds = self._seconds(self._limits.cell_seconds)
        try:
            reply = self._worker.send({"do": "cell", "number": cell.number, "source": cell.source}, seconds)
        except Garbled:
            reply = {"error": "raised", "type": "ValueError", "message": "a cell of more than a megabyte"}
        except Stopped as stopped:
            self._drop()
            self._fatal.add(cell.number)
            reply = {"error": stopped.kind, "message": str(stopped)}
        if "error" in reply:
            self._failed[cell.number] = reply

    def _seconds(self, most: float) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise Stopped("timeout", f"was not reached within {self._limits.total_seconds:g} s")
        return min(most, left)

    def _unread(self, name: str) -> dict[str, Any] | None:
        """Return the syntax error of the newest cell that defines a name, as the notebook's check does."""
        for cell in reversed(self._cells):
            if _defines(cell.source, name):
                reply = self._failed.get(cell.number, {})
                return {**reply, "error": "syntax"} if reply.get("type") in SYNTAX else None
        return None

    def _stopped_before(self, name: str) -> dict[str, Any] | None:
        """Return why the cell that defines a missing name did not get there."""
        for cell in reversed(self._cells):
            if cell.number in self._failed and _defines(cell.source, name):
                reply = self._failed[cell.number]
                kind = "cell" if reply.get("error") == "raised" else reply.get("error")
                if reply.get("type") in SYNTAX:
                    kind = "syntax"
                return {**reply, "error": kind}
        return None


SYNTAX = ("SyntaxError", "IndentationError", "TabError")


def _defines(source: str, name: str) -> bool:
    return re.search(rf"^[ \t]*(def|class)[ \t]+{re.escape(name)}\b", source, re.M) is not None
